"""Messages that are delivered twice or out of order."""

import pytest

from testing.chaos import Chaos
from testing.queues import Queue, QueueFactory
from testing.target import Target


def name_of(queue: Queue) -> str:
    return queue.url.rpartition("/")[2]


def duplicate(chaos: Chaos, queue: Queue, **options: int) -> None:
    delivery = {"kind": "duplicate", **options}
    chaos.add(service="sqs", resource=name_of(queue), delivery=delivery)


def test_message_comes_again_while_it_is_in_flight(chaos: Chaos, queue_of: QueueFactory) -> None:
    queue = queue_of()
    duplicate(chaos, queue)
    queue.send("x")
    [first], [second] = queue.receive(), queue.receive()
    assert first["MessageId"] == second["MessageId"]
    assert first["Body"] == second["Body"]
    assert first["ReceiptHandle"] != second["ReceiptHandle"]
    assert second["Attributes"]["SentTimestamp"] == first["Attributes"]["SentTimestamp"]
    assert queue.receive_now() == []
    assert queue.count() == 2
    queue.delete_message(first)
    queue.delete_message(second)
    assert queue.count() == 0


def test_copy_may_come_after_the_message_was_deleted(chaos: Chaos, queue_of: QueueFactory) -> None:
    queue = queue_of()
    duplicate(chaos, queue, delaySeconds=2)
    queue.send("x")
    [first] = queue.receive()
    queue.delete_message(first)
    assert queue.receive_now() == []
    [second] = queue.receive()
    assert first["MessageId"] == second["MessageId"]


def test_copy_has_no_retries_and_takes_none(
    aws: Target, chaos: Chaos, queue_of: QueueFactory
) -> None:
    queue, dlq = queue_of.with_dlq(1, VisibilityTimeout="1")
    duplicate(chaos, queue)
    sent = queue.send("x")
    assert [message["MessageId"] for message in queue.receive(2)] == [sent] * 2
    chaos.heal()
    aws.wait_until(lambda: not queue.receive_now() and dlq.count())
    assert [message["MessageId"] for message in dlq.receive()] == [sent]
    assert (queue.count(), dlq.receive_now()) == (0, [])


def test_visibility_of_copy_and_message_are_their_own(chaos: Chaos, queue_of: QueueFactory) -> None:
    queue = queue_of()
    duplicate(chaos, queue)
    queue.send("x")
    [first], [second] = queue.receive(), queue.receive()
    chaos.heal()
    queue.change_visibility(second, 0)
    assert queue.count() == 1
    queue.change_visibility(first, 0)
    [again] = queue.receive()
    assert again["Attributes"]["ApproximateReceiveCount"] == "2"


def test_messages_come_out_of_order(chaos: Chaos, queue_of: QueueFactory) -> None:
    queue = queue_of()
    delivery = {"kind": "outOfOrder", "delaySeconds": 4}
    chaos.add(service="sqs", resource=name_of(queue), delivery=delivery)
    sent = [queue.send(str(number)) for number in range(20)]
    received = [message["MessageId"] for message in queue.receive(20)]
    assert sorted(received) == sorted(sent)
    assert received != sent


@pytest.mark.parametrize("kind", ["duplicate", "outOfOrder"])
def test_fifo_queues_keep_their_promises(chaos: Chaos, queue_of: QueueFactory, kind: str) -> None:
    queue = queue_of(FifoQueue="true", ContentBasedDeduplication="true")
    chaos.add(service="sqs", resource=name_of(queue), delivery={"kind": kind})
    sent = [queue.send(str(number), MessageGroupId="one") for number in range(5)]
    assert [message["MessageId"] for message in queue.receive(5)] == sent
    assert queue.receive_now() == []
