"""The DLQ: all messages are seen once and released, and a redrive is followed to its end."""

import pytest

from rdp.stack import StackError
from rdp.waiting import DeadlineExceededError
from tests.rdp.cloud import DLQ, Cloud


@pytest.fixture(autouse=True)
def no_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("time.sleep", lambda _seconds: None)


def _visible(cloud: Cloud) -> int:
    return sum(message.visible for message in cloud.sqs.messages[DLQ].values())


def test_all_messages_are_seen_and_released(cloud: Cloud) -> None:
    cloud.sqs.put(DLQ, *(f'{{"log_id": "{number}"}}' for number in range(25)))
    seen: list[int] = []

    letters = cloud.stack.dead_letters.all(seen.append)

    assert [letter.fields["log_id"] for letter in letters] == [str(n) for n in range(25)]
    assert seen == [10, 20, 25]
    assert _visible(cloud) == 25


@pytest.mark.parametrize(
    "body", ["hello", "[]", "[" * 100_000, '{"a": ' + "9" * 5_000 + "}", '{"tenant'], ids=len
)
def test_body_that_cannot_be_read_has_no_fields(cloud: Cloud, body: str) -> None:
    cloud.sqs.put(DLQ, body)

    [letter] = cloud.stack.dead_letters.all()

    assert (letter.body, letter.fields) == (body, {})


def test_only_unwanted_messages_are_deleted(cloud: Cloud) -> None:
    cloud.sqs.put(DLQ, *["a"] * 12, "b", *["a"] * 12)

    deleted = cloud.stack.dead_letters.delete(lambda letter: letter.body == "a")

    assert deleted == 24
    assert [message.body for message in cloud.sqs.messages[DLQ].values()] == ["b"]
    assert _visible(cloud) == 1


def test_message_that_sqs_does_not_delete_is_an_error(cloud: Cloud) -> None:
    [message_id] = cloud.sqs.put(DLQ, "a")
    cloud.sqs.kept = {message_id}

    with pytest.raises(StackError, match="did not delete 1 messages: ReceiptHandleIsInvalid"):
        cloud.stack.dead_letters.delete(lambda _letter: True)
    assert _visible(cloud) == 1


# -- redrive -----------------------------------------------------------------------------------


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


@pytest.mark.parametrize("status", ["FAILED", "CANCELLED"])
def test_redrive_that_ends_early_is_an_error_with_the_reason(cloud: Cloud, status: str) -> None:
    cloud.sqs.moves = [_task(status, 1, FailureReason="AccessDenied")]

    with pytest.raises(StackError, match=rf"ended as {status} \(AccessDenied\): .* still in"):
        cloud.stack.dead_letters.redrive(deadline=60)


def test_redrive_that_takes_too_long_is_given_up(cloud: Cloud) -> None:
    cloud.sqs.moves = [_task("RUNNING", 1)]

    with pytest.raises(DeadlineExceededError, match="the end of the redrive"):
        cloud.stack.dead_letters.redrive(deadline=0)
