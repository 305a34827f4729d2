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
    return cloud.sqs.bury(json.dumps({"tenant_id": "acme", "log_id": "log"} | fields))


def _failed(cloud: Cloud, message_id: str, at: float, **fields: object) -> None:
    line = {"message": "failed", "message_id": message_id, "reason": "why", "retry_seconds": 0}
    cloud.logs.write(Part.WORKER, line | fields, at=at)


@pytest.fixture
def letters(cloud: Cloud) -> dict[str, str]:
    """Message ids: two transient letters, a permanent one, one without a line."""
    ids = {name: _dead(cloud, log_id=name) for name in ("timeout", "malformed", "killed", "busy")}
    _failed(cloud, ids["timeout"], at=5, kind="transient", reason="Timeout")
    _failed(cloud, ids["malformed"], at=6, kind="permanent", reason="Malformed")
    _failed(cloud, ids["busy"], at=7, kind="transient", reason="Throttled")
    return ids


def test_messages_are_listed_oldest_first_with_their_last_failure(rdp: Rdp, cloud: Cloud) -> None:
    first, second = _dead(cloud, log_id="log-1"), _dead(cloud, log_id="log-2")
    third = cloud.sqs.bury("{}", source=None)
    _failed(cloud, first, at=2, message="retried", kind="permanent", reason="the first failure")
    _failed(cloud, first, at=3, kind="transient", reason="the last failure")
    _failed(cloud, second, at=3, reason="of a worker that does not log the kind")

    lines = rdp("dlq", "list").stdout.splitlines()

    directly = "sent to the DLQ directly"
    assert lines == [
        f"1970-01-01 00:00:01  {first}  tenant 'acme', log 'log-1', from queue",
        "    transient: the last failure",
        f"1970-01-01 00:00:02  {second}  tenant 'acme', log 'log-2', from queue",
        "    unknown: of a worker that does not log the kind",
        f"1970-01-01 00:00:03  {third}  no tenant: a body of 2 characters, {directly}",
        "    unknown: no line in the worker's log: its process died, or the log has expired",
        "3 messages: 1 transient, 2 unknown; once the cause is gone: rdp dlq redrive [--transient]",
    ]


def test_only_what_a_redrive_would_move_is_listed(
    rdp: Rdp, cloud: Cloud, letters: dict[str, str]
) -> None:
    lines = rdp("dlq", "list", "--transient").stdout.splitlines()
    listed = rdp("dlq", "list", "--transient", "--json").stdout.splitlines()

    assert lines[1::2] == ["    transient: Timeout", "    transient: Throttled"]
    assert lines[-1].startswith("4 messages: 1 permanent, 2 transient, 1 unknown;")
    assert [json.loads(line)["message_id"] for line in listed] == [
        letters["timeout"],
        letters["busy"],
    ]
    assert all(message.visible for message in cloud.sqs.messages[DLQ].values())


def test_programs_get_one_object_a_message(rdp: Rdp, cloud: Cloud) -> None:
    message_id = _dead(cloud)
    _failed(cloud, message_id, at=2, kind="permanent", reason="InvalidInputError: x")

    [line] = rdp("dlq", "list", "--json").stdout.splitlines()

    letter = json.loads(line)
    assert letter["message_id"] == message_id
    assert (letter["tenant_id"], letter["log_id"]) == ("acme", "log")
    assert (letter["kind"], letter["reason"]) == ("permanent", "InvalidInputError: x")
    assert letter["queue"] == "queue"


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


def test_interrupted_redrive_says_what_becomes_of_the_rest(rdp: Rdp, cloud: Cloud) -> None:
    cloud.sqs.moves = [{"Status": "RUNNING"}]
    cloud.sqs.interrupts("ListMessageMoveTasks", call=2)

    result = rdp("dlq", "redrive")

    assert result.exit_code == 130
    assert "what it has not moved yet stays in the dead-letter queue" in result.stderr
    assert cloud.sqs.cancelled == ["task 1"]


@pytest.mark.parametrize("how", [[], ["--transient"]])
@pytest.mark.parametrize("rate", ["0", "501", "-1", "1.5"])
def test_rate_that_sqs_does_not_have_is_refused(
    rdp: Rdp, cloud: Cloud, how: list[str], rate: str
) -> None:
    result = rdp("dlq", "redrive", *how, "--rate", rate)

    assert result.exit_code == 2
    assert rate in result.stderr
    assert not cloud.sqs.calls


def test_rate_reaches_sqs(rdp: Rdp, cloud: Cloud) -> None:
    cloud.sqs.moves = [{"Status": "COMPLETED"}]

    rdp("dlq", "redrive", "--rate", "500")

    assert cloud.sqs.started[0]["MaxNumberOfMessagesPerSecond"] == 500


def test_only_transient_messages_move(rdp: Rdp, cloud: Cloud, letters: dict[str, str]) -> None:
    result = rdp("dlq", "redrive", "--transient", "--rate", "500")

    assert result.stdout == "moved 2 messages; left 1 permanent, 1 unknown\n"
    assert list(cloud.sqs.messages[DLQ]) == [letters["malformed"], letters["killed"]]
    assert [json.loads(sent["MessageBody"])["log_id"] for sent in cloud.sqs.sent] == [
        "timeout",
        "busy",
    ]


@pytest.mark.usefixtures("letters")
def test_second_redrive_of_transient_messages_moves_nothing(rdp: Rdp, cloud: Cloud) -> None:
    rdp("dlq", "redrive", "--transient")

    again = json.loads(rdp("dlq", "redrive", "--transient", "--json").stdout)

    assert again == {"moved": 0, "left": {"permanent": 1, "unknown": 1}}
    assert len(cloud.sqs.sent) == 2


def test_redrive_of_transient_messages_reads_an_empty_queue(rdp: Rdp) -> None:
    assert rdp("dlq", "redrive", "--transient").stdout == "moved 0 messages\n"


@pytest.mark.usefixtures("letters")
def test_interrupted_redrive_of_transient_messages_says_how_many_it_moved(
    rdp: Rdp, cloud: Cloud
) -> None:
    cloud.sqs.interrupts("SendMessageBatch", call=2)

    result = rdp("dlq", "redrive", "--transient", "--rate", "1")

    assert result.exit_code == 130
    assert "moved 1 messages; the others are still in the dead-letter queue" in result.stderr
    assert result.stdout == ""
    remaining = cloud.sqs.messages[DLQ].values()
    assert [message.visible for message in remaining] == [True] * 3


def test_transient_redrive_does_not_take_a_timeout(rdp: Rdp, cloud: Cloud) -> None:
    result = rdp("dlq", "redrive", "--transient", "--timeout", "5")

    assert result.exit_code == 1
    assert "leave it out with --transient" in result.stderr
    assert not cloud.sqs.calls


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
