import json
from dataclasses import replace

import pytest

from api.errors import PublishError
from api.publisher import Publisher
from pipeline.errors import TooLargeError
from tests.lambdas.aws import LONG_QUEUE_URL, QUEUE_URL, InMemoryQueue
from tests.lambdas.builders import API_SETTINGS, MESSAGE
from tests.lambdas.journal import Journal


@pytest.fixture
def publisher(queue: InMemoryQueue, journal: Journal) -> Publisher:
    return Publisher.of(queue.client, API_SETTINGS, journal.telemetry)


def test_message_is_published_in_its_tenants_group(
    queue: InMemoryQueue, publisher: Publisher
) -> None:
    assert publisher.publish(MESSAGE) == ("message-1", "short")

    assert queue.sent == [
        {"QueueUrl": QUEUE_URL, "MessageBody": MESSAGE.to_body(), "MessageGroupId": "acme"}
    ]
    assert json.loads(queue.sent[0]["MessageBody"])["text"] == MESSAGE.text


@pytest.mark.parametrize(
    ("characters", "url", "lane"), [(400, QUEUE_URL, "short"), (401, LONG_QUEUE_URL, "long")]
)
def test_log_that_takes_long_has_its_own_queue(
    queue: InMemoryQueue, publisher: Publisher, characters: int, url: str, lane: str
) -> None:
    published = publisher.publish(replace(MESSAGE, text="ü" * characters))

    assert published.lane == lane
    assert queue.sent[0]["QueueUrl"] == url


def test_size_is_counted_in_bytes_of_the_body(queue: InMemoryQueue, publisher: Publisher) -> None:
    size = len(MESSAGE.to_body().encode())

    def limited(most: int) -> Publisher:
        settings = replace(API_SETTINGS, max_message_bytes=most)
        return replace(publisher, settings=settings)

    limited(size).publish(MESSAGE)
    with pytest.raises(TooLargeError, match=f"{size} bytes as JSON: .* at most {size - 1}"):
        limited(size - 1).publish(MESSAGE)
    assert len(queue.sent) == 1


@pytest.mark.parametrize("status", [400, 403, 500, 503])
def test_refusal_is_a_publish_error(
    queue: InMemoryQueue, publisher: Publisher, status: int
) -> None:
    queue.refuses("SendMessage", "ServiceUnavailable", status=status)

    with pytest.raises(PublishError, match="Failed to publish message to queue") as caught:
        publisher.publish(MESSAGE)
    assert caught.value.log_id == MESSAGE.log_id


def test_unreachable_queue_is_a_publish_error(queue: InMemoryQueue, publisher: Publisher) -> None:
    queue.is_unreachable()

    with pytest.raises(PublishError, match="Failed to publish message to queue") as caught:
        publisher.publish(MESSAGE)
    assert caught.value.log_id == MESSAGE.log_id
