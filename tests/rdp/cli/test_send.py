"""rdp send: what goes over the wire, and what becomes of the answer."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest

from tests.rdp.cloud import OUTPUTS, Cloud
from tests.rdp.fixtures import Rdp
from tests.rdp.listeners import Asked, listening

ACCEPTED = {"status": "accepted", "log_id": "log", "request_id": "request"}


@contextmanager
def _api(cloud: Cloud, answer: object, status: int = 202) -> Iterator[list[Asked]]:
    """The requests that the cloud's API gets."""
    asked: list[Asked] = []
    with listening({"/ingest": answer}, status=status, asked=asked) as url:
        cloud.outputs = replace(OUTPUTS, api_invoke_url=url)
        yield asked


def test_json_is_sent_and_the_answer_shown(rdp: Rdp, cloud: Cloud) -> None:
    with _api(cloud, ACCEPTED) as asked:
        result = rdp("send", "--text", "hello", "--log-id", "log")

    [request] = asked
    assert json.loads(request.body) == {"tenant_id": "acme", "log_id": "log", "text": "hello"}
    status, _, fields = result.stdout.partition("\n")
    assert (result.exit_code, status, json.loads(fields)) == (0, "HTTP 202", ACCEPTED)


@pytest.mark.parametrize("log_id", ['it\'s "two"/words', "-x", "\u4e16", ""])
def test_text_goes_with_its_headers_as_utf8(rdp: Rdp, cloud: Cloud, log_id: str) -> None:
    with _api(cloud, ACCEPTED) as asked:
        rdp("send", "--format", "text", "--log-id", log_id, stdin=b"caf\xe9")

    [request] = asked
    assert request.body == b"caf\xe9"
    assert request.headers["X-Log-ID"].encode("latin-1").decode() == log_id


def test_bytes_that_are_not_utf8_cannot_be_json(rdp: Rdp, cloud: Cloud) -> None:
    with _api(cloud, ACCEPTED) as asked:
        result = rdp("send", stdin=b"caf\xe9")

    assert result.exit_code == 1
    assert "not UTF-8 at byte 3" in result.stderr
    assert "--format text" in result.stderr
    assert asked == []


@pytest.mark.parametrize("options", [["--log-id", "a\nb"], ["--tenant", "a\r\nX-Evil: 1"]])
def test_line_break_in_a_header_is_an_error_of_one_line(
    rdp: Rdp, cloud: Cloud, options: list[str]
) -> None:
    with _api(cloud, ACCEPTED) as asked:
        result = rdp("send", "--format", "text", "--text", "x", *options)

    assert result.exit_code == 1
    assert len(result.stderr.splitlines()) == 1
    assert asked == []


@pytest.mark.parametrize(
    "answer", [{"error": "Bad Request"}, "<html>no</html>", "[" * 100_000, [], ""]
)
def test_refusal_is_shown_whatever_it_is(rdp: Rdp, cloud: Cloud, answer: object) -> None:
    with _api(cloud, answer, status=400):
        result = rdp("send", "--text", "x", "--json")

    assert result.exit_code == 1
    [line] = result.stdout.splitlines()
    assert json.loads(line) == {"status": 400, "answer": answer, "record": None}


def test_record_is_waited_for_and_shown(rdp: Rdp, cloud: Cloud) -> None:
    cloud.dynamodb.put("acme", "log", request_id="request")
    with _api(cloud, ACCEPTED):
        result = rdp("send", "--text", "x", "--wait", "--json")

    [line] = result.stdout.splitlines()
    assert json.loads(line)["record"]["modified_data"] == "call [REDACTED]"


@pytest.mark.parametrize("options", [[], ["--json"]])
def test_record_of_an_earlier_request_is_not_this_one(
    rdp: Rdp, cloud: Cloud, monkeypatch: pytest.MonkeyPatch, options: list[str]
) -> None:
    """The answer is shown all the same: it names the log."""
    monkeypatch.setattr("time.sleep", lambda _seconds: None)
    cloud.dynamodb.put("acme", "log", request_id="earlier")

    with _api(cloud, ACCEPTED):
        result = rdp("send", "--text", "x", "--wait", "--timeout", "1", *options)

    assert result.exit_code == 1
    assert "not stored after 1 s: see `rdp logs --log-id log` and `rdp dlq list`" in result.stderr
    assert '"log_id": "log"' in result.stdout
    assert "Stored" not in result.stdout


@pytest.mark.parametrize("answer", ["hello", [], {"log_id": 7}])
def test_waiting_for_what_another_program_accepted_is_an_error(
    rdp: Rdp, cloud: Cloud, answer: object
) -> None:
    with _api(cloud, answer):
        result = rdp("send", "--text", "x", "--wait")

    assert result.exit_code == 1
    assert "what answered is not this pipeline's API" in result.stderr


def test_api_that_is_down_is_an_error_of_one_line(rdp: Rdp) -> None:
    result = rdp("send", "--text", "x")

    assert result.exit_code == 1
    assert len(result.stderr.splitlines()) == 1
