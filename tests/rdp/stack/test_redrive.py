"""Redrive: SQS moves all messages, or rdp those that are chosen."""

from typing import Any

import pytest

from rdp.stack import DeadLetter, StackError
from rdp.waiting import DeadlineExceededError
from tests.rdp.cloud import BATCH_BYTES, DLQ, LONG_QUEUE, QUEUE, Cloud

LOST = QUEUE.replace("/queue", "/deleted-queue")


@pytest.fixture(autouse=True)
def pauses(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The seconds of each pause; the clock goes on by them, and by nothing else."""
    pauses: list[float] = []
    monkeypatch.setattr("time.sleep", pauses.append)
    monkeypatch.setattr("time.monotonic", lambda: sum(pauses))
    return pauses


# -- SQS's own ---------------------------------------------------------------------------------


def _task(status: str, moved: int, **more: object) -> dict[str, object]:
    return {
        "Status": status,
        "ApproximateNumberOfMessagesMoved": moved,
        "ApproximateNumberOfMessagesToMove": 3,
        **more,
    }


def test_redrive_is_followed_to_its_end(cloud: Cloud) -> None:
    # no task at first: SQS shows it a moment later
    cloud.sqs.moves = [{}, _task("RUNNING", 0), _task("RUNNING", 2), _task("COMPLETED", 3)]
    seen: list[tuple[int, int]] = []

    moved = cloud.stack.dead_letters.redrive(
        deadline=60, progress=lambda done, total: seen.append((done, total))
    )

    assert moved == 3
    assert seen == [(0, 3), (2, 3), (3, 3)]


def test_end_of_an_earlier_redrive_is_not_taken_for_this_ones(cloud: Cloud) -> None:
    cloud.sqs.old_moves = [_task("COMPLETED", 7, StartedTimestamp=-1)]
    cloud.sqs.moves = [{}, _task("COMPLETED", 3)]

    assert cloud.stack.dead_letters.redrive(deadline=60) == 3


def test_each_message_goes_where_it_came_from_at_the_rate(cloud: Cloud) -> None:
    """That is what SQS does where no destination is named."""
    cloud.sqs.moves = [_task("COMPLETED", 3)]

    cloud.stack.dead_letters.redrive(deadline=60, rate=20)
    cloud.stack.dead_letters.redrive(deadline=60)

    source = {"SourceArn": "arn:aws:sqs:us-east-1:123456789012:dlq"}
    assert cloud.sqs.started == [source | {"MaxNumberOfMessagesPerSecond": 20}, source]


@pytest.mark.parametrize("status", ["FAILED", "CANCELLED"])
def test_redrive_that_ends_early_is_an_error_with_the_reason(cloud: Cloud, status: str) -> None:
    cloud.sqs.moves = [_task(status, 1, FailureReason="AccessDenied")]

    with pytest.raises(
        StackError, match=rf"ended as {status} \(AccessDenied\): 1 messages .* still in"
    ):
        cloud.stack.dead_letters.redrive(deadline=60)


@pytest.mark.parametrize(
    ("reason", "advice"),
    [
        ("CouldNotDetermineMessageSource", "a message was sent to the DLQ directly"),
        ("AWS.SimpleQueueService.NonExistentQueue", "create it again"),
        ("AccessDenied", "fix the cause and redrive again"),
    ],
)
def test_failure_of_sqs_is_explained(cloud: Cloud, reason: str, advice: str) -> None:
    cloud.sqs.moves = [_task("FAILED", 1, FailureReason=reason)]

    with pytest.raises(StackError, match=advice):
        cloud.stack.dead_letters.redrive(deadline=60)


@pytest.mark.parametrize("status", ["RUNNING", "CANCELLING"])
def test_second_redrive_is_refused_while_one_runs(cloud: Cloud, status: str) -> None:
    cloud.sqs.old_moves = [_task(status, 1, StartedTimestamp=-1)]
    cloud.sqs.refuses("StartMessageMoveTask", "InvalidParameterValue", "There is already a task")

    with pytest.raises(
        StackError, match=rf"another redrive is {status.lower()} \(1 of about 3 messages moved\)"
    ):
        cloud.stack.dead_letters.redrive(deadline=60)


def test_other_refusals_of_sqs_are_shown_as_they_are(cloud: Cloud) -> None:
    cloud.sqs.old_moves = [_task("COMPLETED", 1)]
    cloud.sqs.refuses("StartMessageMoveTask", "AccessDeniedException", "not authorized")

    with pytest.raises(cloud.sqs.client.exceptions.ClientError, match="not authorized"):
        cloud.stack.dead_letters.redrive(deadline=60)


def test_redrive_that_takes_too_long_is_left_to_sqs(cloud: Cloud) -> None:
    cloud.sqs.moves = [_task("RUNNING", 1)]

    with pytest.raises(DeadlineExceededError, match="the end of the redrive"):
        cloud.stack.dead_letters.redrive(deadline=0)
    assert cloud.sqs.cancelled == []


@pytest.mark.parametrize("ended", [False, True])
def test_interrupted_redrive_is_cancelled(cloud: Cloud, ended: bool) -> None:
    cloud.sqs.moves = [_task("RUNNING", 1)]
    if ended:
        cloud.sqs.refuses("CancelMessageMoveTask", "ResourceNotFoundException")

    with pytest.raises(KeyboardInterrupt):
        cloud.stack.dead_letters.redrive(deadline=60, progress=_interrupt)
    assert cloud.sqs.calls["CancelMessageMoveTask"] == 1
    assert cloud.sqs.cancelled == ([] if ended else ["task 1"])


def _interrupt(*_arguments: object) -> None:
    raise KeyboardInterrupt


# -- chosen messages ---------------------------------------------------------------------------


def _all(_letter: DeadLetter) -> bool:
    return True


def _bodies(cloud: Cloud, url: str) -> list[str]:
    return [message.body for message in cloud.sqs.messages.get(url, {}).values()]


def _visible(cloud: Cloud) -> list[str]:
    return [message.body for message in cloud.sqs.messages[DLQ].values() if message.visible]


def test_only_chosen_messages_move_and_the_others_are_released(cloud: Cloud) -> None:
    for number in range(25):
        cloud.sqs.bury(str(number))
    seen: list[tuple[int, int]] = []

    moved = cloud.stack.dead_letters.redrive_chosen(
        lambda letter: int(letter.body) % 2 == 0,
        progress=lambda done, looked_at: seen.append((done, looked_at)),
    )

    assert moved == 13
    assert _bodies(cloud, QUEUE) == [str(number) for number in range(0, 25, 2)]
    assert _visible(cloud) == [str(number) for number in range(1, 25, 2)]
    assert seen[-1] == (13, 25)


def test_each_chosen_message_goes_where_it_came_from(cloud: Cloud) -> None:
    for number in range(6):
        cloud.sqs.bury(str(number), source=LONG_QUEUE if number % 3 == 0 else QUEUE)

    assert cloud.stack.dead_letters.redrive_chosen(_all) == 6
    assert _bodies(cloud, QUEUE) == ["1", "2", "4", "5"]
    assert _bodies(cloud, LONG_QUEUE) == ["0", "3"]
    assert cloud.sqs.calls["GetQueueUrl"] == 2


def test_message_keeps_what_it_was_sent_with(cloud: Cloud) -> None:
    entry: dict[str, Any] = {
        "MessageGroupId": "acme",
        "MessageAttributes": {
            "Fault": {"DataType": "String", "StringValue": "{}"},
            "Bytes": {"DataType": "Binary", "BinaryValue": "AP8="},
        },
        "MessageSystemAttributes": {
            "AWSTraceHeader": {"DataType": "String", "StringValue": "Root=1-5759e988"}
        },
    }
    cloud.sqs.bury("all", **entry)
    cloud.sqs.bury("none")

    cloud.stack.dead_letters.redrive_chosen(_all)

    assert cloud.sqs.sent == [
        {"Id": "0", "MessageBody": "all", **entry},
        {"Id": "1", "MessageBody": "none", "MessageAttributes": {}},
    ]


def test_large_messages_are_sent_in_batches_that_sqs_takes(cloud: Cloud) -> None:
    bodies = [letter * (BATCH_BYTES // 3) for letter in "abcdefg"]
    for body in bodies:
        cloud.sqs.bury(body)

    assert cloud.stack.dead_letters.redrive_chosen(_all) == 7
    assert _bodies(cloud, QUEUE) == bodies
    assert cloud.sqs.calls["SendMessageBatch"] == 3


@pytest.mark.parametrize(("rate", "seconds"), [(1, 39), (4, 38 / 4), (10, 3), (500, 30 / 500)])
def test_rate_is_kept(cloud: Cloud, pauses: list[float], rate: int, seconds: float) -> None:
    """A batch is sent without a pause, and has at most as many messages as a second may have."""
    for number in range(40):
        cloud.sqs.bury(str(number))

    cloud.stack.dead_letters.redrive_chosen(_all, rate=rate)

    assert sum(pauses) == pytest.approx(seconds)
    assert _bodies(cloud, QUEUE) == [str(number) for number in range(40)]


def test_what_a_crash_leaves_invisible_comes_back(cloud: Cloud) -> None:
    cloud.sqs.bury("a")
    for rate, hold in ((None, 300), (1, 300)):
        cloud.stack.dead_letters.redrive_chosen(lambda _letter: False, rate=rate)
        assert cloud.sqs.holds[-1] == hold
    for _ in range(999):
        cloud.sqs.bury("a")
    cloud.stack.dead_letters.redrive_chosen(lambda _letter: False, rate=1)
    assert cloud.sqs.holds[-1] == 2000


@pytest.mark.parametrize("step", ["SendMessageBatch", "DeleteMessageBatch"])
def test_message_is_never_lost(cloud: Cloud, step: str) -> None:
    cloud.sqs.bury("a")
    cloud.sqs.refuses(step, "InternalError", status=500)

    with pytest.raises(cloud.sqs.client.exceptions.ClientError):
        cloud.stack.dead_letters.redrive_chosen(_all)
    assert _visible(cloud) == ["a"]

    cloud.sqs.recovers()
    assert cloud.stack.dead_letters.redrive_chosen(_all) == 1
    assert _bodies(cloud, DLQ) == []
    assert set(_bodies(cloud, QUEUE)) == {"a"}


def test_message_that_its_queue_refuses_stays(cloud: Cloud) -> None:
    for body in "abc":
        cloud.sqs.bury(body)
    cloud.sqs.refuses_body = lambda body: body != "b"

    with pytest.raises(StackError, match="queue did not take 2 messages: InternalError"):
        cloud.stack.dead_letters.redrive_chosen(_all)
    assert _bodies(cloud, QUEUE) == ["b"]
    assert _visible(cloud) == ["a", "c"]


def test_message_whose_whole_batch_is_refused_stays(cloud: Cloud) -> None:
    cloud.sqs.bury("a")
    cloud.sqs.refuses_body = lambda _body: True

    with pytest.raises(StackError, match="queue did not take 1 messages: InternalError"):
        cloud.stack.dead_letters.redrive_chosen(_all)
    assert _visible(cloud) == ["a"]


def test_messages_without_a_queue_stay_and_the_others_move(cloud: Cloud) -> None:
    cloud.sqs.bury("lost", source=LOST)
    cloud.sqs.bury("direct", source=None)
    cloud.sqs.bury("a")

    with pytest.raises(StackError, match=r"deleted-queue \(1\).*sent to the DLQ directly \(1\)"):
        cloud.stack.dead_letters.redrive_chosen(_all)
    assert _bodies(cloud, QUEUE) == ["a"]
    assert _visible(cloud) == ["lost", "direct"]


def test_interrupted_move_releases_what_it_has_received(cloud: Cloud) -> None:
    for number in range(25):
        cloud.sqs.bury(str(number))

    with pytest.raises(KeyboardInterrupt):
        cloud.stack.dead_letters.redrive_chosen(_all, progress=_interrupt)
    assert _bodies(cloud, QUEUE) == [str(number) for number in range(10)]
    assert _visible(cloud) == [str(number) for number in range(10, 25)]
