"""SQS event source mappings: messages that a function processes, fails or refuses."""

from typing import Any

import pytest

from testing.consumers import PARTIAL, RETRY, ConsumerFactory, bodies
from testing.functions import reserve_concurrency
from testing.queues import BY_CONTENT, QueueFactory
from testing.target import Target

from .docs import (
    MAPPING,
    MAPPING_CONFIGURATION,
    MAPPING_ERRORS,
    MAPPING_SCALING,
    cites,
)

pytestmark = pytest.mark.group("Event source mapping")

FAIL_THE_BAD = (
    "{'batchItemFailures': [{'itemIdentifier': record['messageId']}"
    " for record in event['Records'] if record['body'] == 'bad']}"
)
# Returns what the first message contains, with the message's id for ID.
OBEY = "json.loads(event['Records'][0]['body'].replace('ID', event['Records'][0]['messageId']))"


def receive_count(record: dict[str, Any]) -> int:
    return int(record["attributes"]["ApproximateReceiveCount"])


@cites(MAPPING)
def test_successful_batch_is_deleted(aws: Target, consume: ConsumerFactory) -> None:
    consumer = consume()
    consumer.source.send("any")
    consumer.invocations()
    aws.wait_until(lambda: consumer.source.count() == 0)


@cites(MAPPING_ERRORS)
def test_failed_batch_comes_again_after_the_visibility_timeout(consume: ConsumerFactory) -> None:
    consumer = consume("1 / 0", retry_seconds=RETRY)
    consumer.source.send("any")
    first, second = consumer.invocations(2)
    assert second["began"] - first["began"] >= 3
    assert [receive_count(record) for record in consumer.records()] == [1, 2]


@cites(MAPPING_ERRORS)
def test_all_messages_of_a_failed_batch_come_again(consume: ConsumerFactory) -> None:
    consumer = consume("1 / 0", retry_seconds=RETRY, Enabled=False)
    for body in ("one", "two"):
        consumer.source.send(body)
    consumer.set_enabled(True)
    counts = {(record["body"], receive_count(record)) for record in consumer.records(4)}
    assert counts >= {("one", 1), ("one", 2), ("two", 1), ("two", 2)}


@cites(MAPPING_CONFIGURATION)
def test_message_that_always_fails_goes_to_the_dead_letter_queue(
    consume: ConsumerFactory, queue_of: QueueFactory
) -> None:
    source, dlq = queue_of.with_dlq(2, VisibilityTimeout=str(RETRY))
    consumer = consume("1 / 0", source=source, retry_seconds=RETRY)
    source.send("bad")
    assert [message["Body"] for message in dlq.receive(seconds=30)] == ["bad"]
    assert [receive_count(record) for record in consumer.records(2)] == [1, 2]


@cites(MAPPING_ERRORS)
def test_only_the_failed_items_of_a_batch_come_again(
    consume: ConsumerFactory, queue_of: QueueFactory
) -> None:
    source, dlq = queue_of.with_dlq(2, VisibilityTimeout=str(RETRY))
    consumer = consume(FAIL_THE_BAD, source=source, retry_seconds=RETRY, **PARTIAL)
    for body in ("one", "bad", "two"):
        source.send(body)
    assert [message["Body"] for message in dlq.receive(seconds=30)] == ["bad"]
    assert sorted(bodies(consumer.records(4))) == ["bad", "bad", "one", "two"]


@cites(MAPPING_ERRORS)
def test_item_failures_mean_nothing_where_they_are_not_reported(
    aws: Target, consume: ConsumerFactory
) -> None:
    consumer = consume(FAIL_THE_BAD, retry_seconds=RETRY)
    consumer.source.send("bad")
    aws.wait_until(lambda: consumer.source.count() == 0)
    assert len(consumer.records_within(3)) == 1


@cites(MAPPING_ERRORS)
@pytest.mark.parametrize(
    "answer",
    [
        pytest.param('{"batchItemFailures": []}', id="empty list"),
        pytest.param('{"batchItemFailures": null}', id="null list"),
        pytest.param("{}", id="empty response"),
        pytest.param("null", id="null response"),
    ],
)
def test_batch_is_a_success_with(aws: Target, consume: ConsumerFactory, answer: str) -> None:
    consumer = consume(OBEY, retry_seconds=RETRY, **PARTIAL)
    consumer.source.send(answer)
    aws.wait_until(lambda: consumer.source.count() == 0)
    assert len(consumer.records_within(3)) == 1


@cites(MAPPING_ERRORS)
@pytest.mark.parametrize(
    "answer",
    [
        pytest.param('{"batchItemFailures": [{"itemIdentifier": "ID"}]}', id="its identifier"),
        pytest.param('{"batchItemFailures": [{"itemIdentifier": ""}]}', id="empty identifier"),
        pytest.param('{"batchItemFailures": [{"itemIdentifier": null}]}', id="null identifier"),
        pytest.param('{"batchItemFailures": [{"messageId": "ID"}]}', id="bad key name"),
        pytest.param('{"batchItemFailures": [{"itemIdentifier": "x"}]}', id="unknown identifier"),
        pytest.param("{", id="exception"),
    ],
)
def test_batch_is_a_failure_with(consume: ConsumerFactory, answer: str) -> None:
    consumer = consume(OBEY, retry_seconds=RETRY, **PARTIAL)
    consumer.source.send(answer)
    assert [receive_count(record) for record in consumer.records(2)] == [1, 2]


@cites(MAPPING_SCALING)
def test_failed_message_holds_up_its_group_until_it_is_given_up(
    consume: ConsumerFactory, queue_of: QueueFactory
) -> None:
    source, _ = queue_of.with_dlq(2, **BY_CONTENT, VisibilityTimeout=str(RETRY))
    consumer = consume(FAIL_THE_BAD, source=source, retry_seconds=RETRY, BatchSize=1, **PARTIAL)
    for body in ("bad", "next"):
        source.send(body, MessageGroupId="one")
    assert bodies(consumer.records(3, seconds=30)) == ["bad", "bad", "next"]


@cites(MAPPING_CONFIGURATION)
def test_throttled_batch_returns_to_the_queue(aws: Target, consume: ConsumerFactory) -> None:
    consumer = consume(retry_seconds=RETRY, Enabled=False)
    reserve_concurrency(consumer.function, 0)
    consumer.source.send("any")
    consumer.set_enabled(True)
    assert consumer.records_within(3) == []
    assert consumer.source.count() == 1
    aws.lambda_.delete_function_concurrency(FunctionName=consumer.function.name)
    assert bodies(consumer.records(seconds=40)) == ["any"]


@cites(MAPPING_ERRORS)
def test_throttled_batch_is_tried_again_before_its_visibility_timeout_ends(
    aws: Target, consume: ConsumerFactory, queue_of: QueueFactory
) -> None:
    consumer = consume(source=queue_of(VisibilityTimeout="600"), Enabled=False)
    reserve_concurrency(consumer.function, 0)
    consumer.source.send("any")
    consumer.set_enabled(True)
    assert consumer.records_within(3) == []
    aws.lambda_.delete_function_concurrency(FunctionName=consumer.function.name)
    assert [receive_count(record) for record in consumer.records(seconds=40)] == [1]


@cites(MAPPING_CONFIGURATION)
def test_batch_that_is_throttled_for_good_goes_to_the_dead_letter_queue(
    consume: ConsumerFactory, queue_of: QueueFactory
) -> None:
    source, dlq = queue_of.with_dlq(2, VisibilityTimeout=str(RETRY))
    consumer = consume(source=source, retry_seconds=RETRY, Enabled=False)
    reserve_concurrency(consumer.function, 0)
    source.send("throttled")
    consumer.set_enabled(True)
    assert [message["Body"] for message in dlq.receive(seconds=40)] == ["throttled"]
