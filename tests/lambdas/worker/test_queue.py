import pytest

from tests.lambdas.aws import QUEUE_URL, InMemoryQueue
from worker.queue import Queue


@pytest.fixture
def subject(queue: InMemoryQueue) -> Queue:
    return Queue(queue.client, QUEUE_URL)


def test_any_number_of_messages_is_claimed_ten_a_request(
    queue: InMemoryQueue, subject: Queue
) -> None:
    claims = {f"handle-{number}": 30 + number for number in range(25)}

    assert subject.claim(claims) == {}

    assert queue.visibility == {handle: [seconds] for handle, seconds in claims.items()}
    assert queue.calls["ChangeMessageVisibilityBatch"] == 3


def test_refused_claims_are_returned(queue: InMemoryQueue, subject: Queue) -> None:
    queue.expired_handles = {"b"}

    refused = subject.claim({"a": 30, "b": 30})

    assert refused == {"b": ("ReceiptHandleIsInvalid", True)}
    assert queue.visibility == {"a": [30]}


def test_message_is_released_after_the_given_time(queue: InMemoryQueue, subject: Queue) -> None:
    subject.release("handle", after_seconds=8)

    assert queue.visibility == {"handle": [8]}


def test_any_number_of_messages_is_deleted_ten_a_request(
    queue: InMemoryQueue, subject: Queue
) -> None:
    handles = [f"handle-{number}" for number in range(25)]

    assert subject.delete(handles) == []

    assert queue.deleted == handles
    assert queue.calls["DeleteMessageBatch"] == 3


def test_refused_deletions_are_returned(queue: InMemoryQueue, subject: Queue) -> None:
    queue.expired_handles = {"old"}

    assert subject.delete(["old", "new"]) == ["ReceiptHandleIsInvalid"]
    assert queue.deleted == ["new"]
