import json

import pytest

from api.errors import PublishError
from api.publisher import Publisher
from pipeline.errors import TooLargeError
from tests.lambdas.aws import QUEUE_URL, InMemoryQueue
from tests.lambdas.builders import MESSAGE


def publisher(queue: InMemoryQueue, max_message_bytes: int = 262_144) -> Publisher:
    return Publisher(queue.client, QUEUE_URL, max_message_bytes)


def test_message_is_published_in_its_tenants_group(queue: InMemoryQueue) -> None:
    assert publisher(queue).publish(MESSAGE) == "message-1"

    assert queue.sent == [
        {"QueueUrl": QUEUE_URL, "MessageBody": MESSAGE.to_body(), "MessageGroupId": "acme"}
    ]
    assert json.loads(queue.sent[0]["MessageBody"])["text"] == MESSAGE.text


def test_size_is_counted_in_bytes_of_the_body(queue: InMemoryQueue) -> None:
    size = len(MESSAGE.to_body().encode())

    publisher(queue, max_message_bytes=size).publish(MESSAGE)
    with pytest.raises(TooLargeError, match=f"{size} bytes as JSON: .* at most {size - 1}"):
        publisher(queue, max_message_bytes=size - 1).publish(MESSAGE)
    assert len(queue.sent) == 1


@pytest.mark.parametrize("status", [400, 403, 500, 503])
def test_refusal_is_a_publish_error(queue: InMemoryQueue, status: int) -> None:
    queue.refuses("SendMessage", "ServiceUnavailable", status=status)

    with pytest.raises(PublishError, match="Failed to publish message to queue"):
        publisher(queue).publish(MESSAGE)


def test_unreachable_queue_is_a_publish_error(queue: InMemoryQueue) -> None:
    queue.is_unreachable()

    with pytest.raises(PublishError, match="Failed to publish message to queue"):
        publisher(queue).publish(MESSAGE)
