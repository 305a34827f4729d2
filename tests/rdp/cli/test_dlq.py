"""rdp dlq: what is in the DLQ and why, redrive and purge."""

import json

import pytest

from rdp.target import Part
from tests.rdp.cloud import DLQ, Cloud
from tests.rdp.fixtures import Rdp


@pytest.fixture(autouse=True)
def no_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("time.sleep", lambda _seconds: None)


def _dead(cloud: Cloud, **fields: object) -> str:
    [message_id] = cloud.sqs.put(DLQ, json.dumps({"tenant_id": "acme", "log_id": "log"} | fields))
    return message_id


def _failed(cloud: Cloud, message_id: str, reason: str, at: float) -> None:
    fields = {"message_id": message_id, "reason": reason, "retry_seconds": 0}
    cloud.logs.write(Part.WORKER, fields, at=at)


def test_messages_are_listed_oldest_first_with_their_last_reason(rdp: Rdp, cloud: Cloud) -> None:
    first, second = _dead(cloud, log_id="log-1"), _dead(cloud, log_id="log-2")
    _failed(cloud, first, "the first failure", at=2)
    _failed(cloud, first, "the last failure", at=3)

    lines = rdp("dlq", "list").stdout.splitlines()

    assert lines == [
        f"1970-01-01 00:00:01  {first}  tenant 'acme', log 'log-1'",
        "    the last failure",
        f"1970-01-01 00:00:02  {second}  tenant 'acme', log 'log-2'",
        "    no line in the worker's log: its process died, or the log has expired",
        "2 messages; once the cause is gone: rdp dlq redrive",
    ]


def test_programs_get_one_object_a_message(rdp: Rdp, cloud: Cloud) -> None:
    message_id = _dead(cloud)
    _failed(cloud, message_id, "InvalidInputError: x", at=2)

    [line] = rdp("dlq", "list", "--json").stdout.splitlines()

    letter = json.loads(line)
    assert letter["message_id"] == message_id
    assert (letter["tenant_id"], letter["log_id"]) == ("acme", "log")
    assert letter["reason"] == "InvalidInputError: x"


def test_log_id_that_looks_like_a_field_of_the_worker_does_no_harm(rdp: Rdp, cloud: Cloud) -> None:
    """The reasons are looked up by the name of a field, which may be a tenant's log id, too."""
    _dead(cloud)
    stored = {"message": "stored", "message_id": "x", "log_id": "retry_seconds"}
    cloud.logs.write(Part.WORKER, stored, at=5)
    cloud.logs.write(Part.WORKER, "a platform's line about retry_seconds", at=5)

    result = rdp("dlq", "list")

    assert result.exit_code == 0
    assert "no line in the worker's log" in result.stdout


def test_empty_queue(rdp: Rdp) -> None:
    assert rdp("dlq", "list").stdout == "The dead-letter queue is empty\n"
    assert rdp("dlq", "list", "--json").stdout == ""


def test_body_that_is_no_message_is_listed_without_its_text(rdp: Rdp, cloud: Cloud) -> None:
    cloud.sqs.put(DLQ, "secret 555-0199", "[" * 100_000)
    _dead(cloud, tenant_id="secret " * 1000)

    result = rdp("dlq", "list")

    assert result.exit_code == 0
    assert "no tenant: a body of 15 characters" in result.stdout
    assert "no tenant: a body of 100,000 characters" in result.stdout
    assert max(map(len, result.stdout.splitlines())) < 400


def test_redrive_says_how_many_were_moved(rdp: Rdp, cloud: Cloud) -> None:
    cloud.sqs.moves = [{"Status": "COMPLETED", "ApproximateNumberOfMessagesMoved": 3}]

    assert rdp("dlq", "redrive").stdout == "moved 3 messages\n"
    assert json.loads(rdp("dlq", "redrive", "--json").stdout) == {"moved": 3}


def test_redrive_that_failed_says_why(rdp: Rdp, cloud: Cloud) -> None:
    cloud.sqs.moves = [{"Status": "FAILED", "FailureReason": "AccessDenied"}]

    result = rdp("dlq", "redrive")

    assert result.exit_code == 1
    assert "the redrive ended as FAILED (AccessDenied)" in result.stderr
    assert result.stdout == ""


def test_redrive_that_takes_too_long_is_left_to_sqs(
    rdp: Rdp, cloud: Cloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    cloud.sqs.moves = [{"Status": "RUNNING", "ApproximateNumberOfMessagesMoved": 1}]
    ticks = iter(range(0, 10_000, 600))
    monkeypatch.setattr("time.monotonic", lambda: float(next(ticks)))

    result = rdp("dlq", "redrive")

    assert result.exit_code == 1
    assert "the redrive still runs after 600 s, and SQS continues it" in result.stderr


@pytest.mark.parametrize("answer", ["y\n", "YES\n"])
def test_purge_after_yes(rdp: Rdp, cloud: Cloud, answer: str) -> None:
    _dead(cloud)

    result = rdp("dlq", "purge", stdin=answer)

    assert result.stdout == "Deleted about 1 messages; SQS takes up to 60 s\n"
    assert cloud.sqs.messages[DLQ] == {}


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        ("n\n", "rdp: nothing was changed"),
        ("\n", "rdp: nothing was changed"),
        ("", "rdp: nobody to ask, so nothing was changed: add --yes"),
    ],
)
def test_purge_without_yes_changes_nothing(
    rdp: Rdp, cloud: Cloud, answer: str, message: str
) -> None:
    _dead(cloud)

    result = rdp("dlq", "purge", stdin=answer)

    assert result.exit_code == 1
    assert result.stderr.splitlines()[-1].endswith(message)
    assert len(cloud.sqs.messages[DLQ]) == 1


def test_purge_for_programs(rdp: Rdp, cloud: Cloud) -> None:
    _dead(cloud)

    assert json.loads(rdp("dlq", "purge", "--yes", "--json").stdout) == {"deleted": 1}
