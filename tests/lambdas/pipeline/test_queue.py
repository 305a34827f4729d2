import json

import pytest

from pipeline.errors import TooLargeError
from pipeline.queue import PublishError, Queue
from tests.lambdas.aws import QUEUE_URL, InMemoryQueue
from tests.lambdas.pipeline.test_contract import GOOD

LIMIT = 262_144


@pytest.fixture
def subject(queue: InMemoryQueue) -> Queue:
    return Queue(queue.client, QUEUE_URL)


def test_message_is_published_in_its_tenants_group(queue: InMemoryQueue, subject: Queue) -> None:
    assert subject.publish(GOOD, max_bytes=LIMIT) == "message-1"

    assert queue.sent == [
        {"QueueUrl": QUEUE_URL, "MessageBody": GOOD.to_body(), "MessageGroupId": "acme"}
    ]
    assert json.loads(queue.sent[0]["MessageBody"])["text"] == GOOD.text


def test_size_is_counted_in_bytes_of_the_body(queue: InMemoryQueue, subject: Queue) -> None:
    size = len(GOOD.to_body().encode())

    subject.publish(GOOD, max_bytes=size)
    with pytest.raises(TooLargeError, match=f"{size} bytes as JSON: .* at most {size - 1}"):
        subject.publish(GOOD, max_bytes=size - 1)
    assert len(queue.sent) == 1


@pytest.mark.parametrize("status", [400, 403, 500, 503])
def test_refusal_is_a_publish_error(queue: InMemoryQueue, subject: Queue, status: int) -> None:
    queue.refuses("SendMessage", "ServiceUnavailable", status=status)

    with pytest.raises(PublishError, match="Failed to publish message to queue"):
        subject.publish(GOOD, max_bytes=LIMIT)


def test_unreachable_queue_is_a_publish_error(queue: InMemoryQueue, subject: Queue) -> None:
    queue.is_unreachable()

    with pytest.raises(PublishError, match="Failed to publish message to queue"):
        subject.publish(GOOD, max_bytes=LIMIT)


def test_any_number_of_messages_is_claimed_ten_a_request(
    queue: InMemoryQueue, subject: Queue
) -> None:
    claims = {f"receipt-{number}": 30 + number for number in range(25)}

    assert subject.claim(claims) == []

    assert queue.visibility == {receipt: [seconds] for receipt, seconds in claims.items()}
    assert queue.calls["ChangeMessageVisibilityBatch"] == 3


def test_refused_claims_are_told(queue: InMemoryQueue, subject: Queue) -> None:
    queue.unknown_receipts = {"b"}

    assert subject.claim({"a": 30, "b": 30}) == ["ReceiptHandleIsInvalid"]
    assert queue.visibility == {"a": [30]}


def test_message_is_shown_after_a_while(queue: InMemoryQueue, subject: Queue) -> None:
    subject.show_after("receipt", 8)

    assert queue.visibility == {"receipt": [8]}


def test_any_number_of_messages_is_deleted_ten_a_request(
    queue: InMemoryQueue, subject: Queue
) -> None:
    receipts = [f"receipt-{number}" for number in range(25)]

    assert subject.delete(receipts) == []

    assert queue.deleted == receipts
    assert queue.calls["DeleteMessageBatch"] == 3


def test_refused_deletions_are_told(queue: InMemoryQueue, subject: Queue) -> None:
    queue.unknown_receipts = {"old"}

    assert subject.delete(["old", "receipt"]) == ["ReceiptHandleIsInvalid"]
    assert queue.deleted == ["receipt"]
