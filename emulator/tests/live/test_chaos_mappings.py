"""Event source mappings retry calls that fail, as on AWS."""

from testing.chaos import Chaos
from testing.consumers import Consumer, ConsumerFactory
from testing.target import Target

MESSAGES = 5


def name_of(consumer: Consumer) -> str:
    return consumer.source.url.rpartition("/")[2]


def send(consumer: Consumer) -> set[str]:
    return {consumer.source.send(str(number)) for number in range(MESSAGES)}


def received(consumer: Consumer, count: int = MESSAGES) -> list[str]:
    return [record["messageId"] for record in consumer.records(count)]


def test_poller_goes_on_after_receives_that_fail(chaos: Chaos, consume: ConsumerFactory) -> None:
    consumer = consume()
    chaos.add(service="sqs", operation="ReceiveMessage", resource=name_of(consumer))
    # a long poll may have begun before
    consumer.records_within(3)
    sent = send(consumer)
    assert len(consumer.records_within(2)) < MESSAGES
    chaos.heal()
    assert set(received(consumer)) == sent


def test_messages_of_a_lost_receive_come_after_their_visibility_timeout(
    aws: Target, chaos: Chaos, consume: ConsumerFactory
) -> None:
    consumer = consume(retry_seconds=6)
    chaos.add(
        service="sqs",
        operation="ReceiveMessage",
        resource=name_of(consumer),
        loseResponse=True,
        seconds=5,
    )
    sent = send(consumer)
    assert set(received(consumer)) == sent
    aws.wait_until(lambda: consumer.source.count() == 0)


def test_batch_waits_for_a_function_that_cannot_be_invoked(
    aws: Target, chaos: Chaos, consume: ConsumerFactory
) -> None:
    consumer = consume()
    chaos.add(
        service="lambda", operation="Invoke", resource=consumer.function.name, error={}, seconds=3
    )
    sent = send(consumer)
    assert sorted(received(consumer)) == sorted(sent)
    aws.wait_until(lambda: consumer.source.count() == 0)


def test_messages_that_cannot_be_deleted_come_again(
    aws: Target, chaos: Chaos, consume: ConsumerFactory
) -> None:
    consumer = consume(retry_seconds=5)
    chaos.add(service="sqs", operation="DeleteMessageBatch", resource=name_of(consumer))
    sent = send(consumer)
    assert set(received(consumer, 2 * MESSAGES)) == sent
    chaos.heal()
    aws.wait_until(lambda: consumer.source.count() == 0, 30)


def test_lost_response_of_a_delete_changes_nothing(
    aws: Target, chaos: Chaos, consume: ConsumerFactory
) -> None:
    consumer = consume()
    chaos.add(
        service="sqs",
        operation="DeleteMessageBatch",
        resource=name_of(consumer),
        loseResponse=True,
    )
    sent = send(consumer)
    assert sorted(received(consumer)) == sorted(sent)
    aws.wait_until(lambda: consumer.source.count() == 0)
