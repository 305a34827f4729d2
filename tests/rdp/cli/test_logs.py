"""rdp logs: the lines of all parts, about one log or request, each printed once."""

import json
import time
from datetime import UTC, datetime

import pytest

from rdp.target import Part
from tests.rdp.cloud import Cloud
from tests.rdp.fixtures import Rdp

NOW = time.time()


def _moment(seconds_ago: float) -> str:
    return datetime.fromtimestamp(NOW - seconds_ago, UTC).isoformat()


def _line(message: str, log_id: str, request_id: str, ago: float) -> dict[str, object]:
    return {
        "timestamp": _moment(ago),
        "message": message,
        "log_id": log_id,
        "request_id": request_id,
    }


@pytest.fixture
def logged(cloud: Cloud) -> Cloud:
    """Two logs. The first was sent twice, in requests 1 and 2; the second in request 3."""
    for request_id, log_id, ago in (("1", "a", 60), ("2", "a", 50), ("3", "b", 40)):
        accepted = _line("accepted", log_id, request_id, ago)
        cloud.logs.write(Part.API, accepted, at=NOW - ago)
        cloud.logs.write(Part.ACCESS, {"requestId": request_id, "status": 202}, at=NOW - ago + 1)
    # LocalStack stores the lines of an invocation at its end
    cloud.logs.write(Part.WORKER, _line("stored", "b", "3", 20), at=NOW - 10)
    cloud.logs.write(Part.WORKER, _line("duplicate", "a", "1", 30), at=NOW - 10)
    cloud.logs.write(Part.WORKER, _line("stored", "a", "2", 31), at=NOW - 10)
    cloud.logs.write(Part.WORKER, {"log_id": "a", "message": "no request"}, at=NOW - 9)
    cloud.logs.write(Part.WORKER, "START RequestId: 7", at=NOW - 10)
    return cloud


def _shown(output: str) -> list[tuple[str, str]]:
    """Part and message or request of each line."""
    lines = [json.loads(line) for line in output.splitlines()]
    return [
        (line["part"], line["line"].get("message") or f"request {line['line']['requestId']}")
        if isinstance(line["line"], dict)
        else (line["part"], line["line"])
        for line in lines
    ]


@pytest.mark.usefixtures("logged")
def test_lines_of_a_log_that_was_sent_twice_include_both_requests(rdp: Rdp) -> None:
    assert _shown(rdp("logs", "--log-id", "a", "--json").stdout) == [
        ("api", "accepted"),
        ("access", "request 1"),
        ("api", "accepted"),
        ("access", "request 2"),
        ("worker", "stored"),
        ("worker", "duplicate"),
        ("worker", "no request"),
    ]


@pytest.mark.usefixtures("logged")
def test_lines_of_a_request_include_the_access_log(rdp: Rdp) -> None:
    assert _shown(rdp("logs", "--request-id", "2", "--json").stdout) == [
        ("api", "accepted"),
        ("access", "request 2"),
        ("worker", "stored"),
    ]


@pytest.mark.usefixtures("logged")
def test_log_and_request_together(rdp: Rdp) -> None:
    result = rdp("logs", "worker", "--log-id", "a", "--request-id", "1", "--json")

    assert _shown(result.stdout) == [("worker", "duplicate")]


@pytest.mark.usefixtures("logged")
def test_part_that_is_named_twice_is_shown_once(rdp: Rdp) -> None:
    result = rdp("logs", "access", "access", "--json")

    assert _shown(result.stdout) == [("access", f"request {number}") for number in (1, 2, 3)]


@pytest.mark.usefixtures("logged")
def test_lines_are_printed_as_they_were_written(rdp: Rdp) -> None:
    lines = rdp("logs", "worker").stdout.splitlines()

    assert "START RequestId: 7" in lines
    assert json.dumps(_line("stored", "b", "3", 20)) in lines


@pytest.mark.usefixtures("logged")
@pytest.mark.parametrize(
    ("options", "about"),
    [
        (["--log-id", "x"], "log 'x'"),
        (["--log-id", ""], "log ''"),
        (["--request-id", ""], "request ''"),
        (["--log-id", "a", "--request-id", "3"], "log 'a' and request '3'"),
    ],
)
def test_no_line_is_an_error_that_says_about_what(rdp: Rdp, options: list[str], about: str) -> None:
    result = rdp("logs", "worker", *options)

    assert result.exit_code == 1
    assert f"no line about {about} in the last 600 s: try --since 1d" in result.stderr


@pytest.mark.parametrize("timestamp", ["yesterday", "", None, 7])
def test_line_with_another_timestamp_is_where_it_was_stored(
    rdp: Rdp, cloud: Cloud, timestamp: object
) -> None:
    cloud.logs.write(Part.API, {"timestamp": timestamp, "message": "odd"}, at=NOW - 10)

    [line] = rdp("logs", "api", "--json").stdout.splitlines()

    assert json.loads(line)["written_at"][:19] == _moment(10)[:19]


def test_line_that_cannot_be_parsed_is_text(rdp: Rdp, cloud: Cloud) -> None:
    deep = '{"a": ' * 50_000
    cloud.logs.write(Part.API, deep, at=NOW - 10)

    [line] = rdp("logs", "api", "--json").stdout.splitlines()

    assert json.loads(line)["line"] == deep.strip()


@pytest.mark.usefixtures("logged")
def test_since_before_the_epoch_is_everything(rdp: Rdp) -> None:
    assert rdp("logs", "access", "--since", "999999d").exit_code == 0


def test_following_shows_each_line_once_until_ctrl_c(
    rdp: Rdp, logged: Cloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    late = [
        # about a log that was sent before, and stored long after it was written
        _line("retried", "b", "3", 25),
        {"requestId": "3", "status": 202, "again": True},
    ]

    def poll(_seconds: float) -> None:
        if not late:
            raise KeyboardInterrupt
        logged.logs.write(Part.WORKER, late.pop(0), at=NOW - 5)

    monkeypatch.setattr("time.sleep", poll)

    result = rdp("logs", "--follow", "--log-id", "b", "--json")

    assert result.exit_code == 130
    assert result.stderr == "rdp: interrupted\n"
    assert _shown(result.stdout) == [
        ("api", "accepted"),
        ("access", "request 3"),
        ("worker", "stored"),
        ("worker", "retried"),
        ("worker", "request 3"),
    ]


def test_following_without_any_line_waits_for_one(
    rdp: Rdp, cloud: Cloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    polls: list[float] = []

    def poll(seconds: float) -> None:
        polls.append(seconds)
        if len(polls) > 1:
            raise KeyboardInterrupt
        # what is followed is only what came in the last seconds
        cloud.logs.write(Part.API, _line("accepted", "new", "9", 0), at=time.time())

    monkeypatch.setattr("time.sleep", poll)

    result = rdp("logs", "-f", "--request-id", "9", "--json")

    assert _shown(result.stdout) == [("api", "accepted")]
