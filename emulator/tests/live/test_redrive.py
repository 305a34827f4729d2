"""Redrives of a dead-letter queue that two queues share, and what a redrive refuses."""

from typing import Any

import pytest
from botocore.exceptions import ClientError

from testing.queues import BY_CONTENT, Queue, QueueFactory
from testing.target import Target

ATTRIBUTES = {
    "Text": {"DataType": "String", "StringValue": "x"},
    "Bytes": {"DataType": "Binary", "BinaryValue": b"\x00\xff"},
}
TRACE = {
    "AWSTraceHeader": {"DataType": "String", "StringValue": "Root=1-5759e988-bd862e3fe1be46a9"}
}


def bury(queue: Queue, body: str, **options: Any) -> dict[str, Any]:
    """The message as it was received before SQS moved it to the dead-letter queue."""
    queue.send(body, **options)
    [message] = queue.receive()
    assert queue.receive_now(WaitTimeSeconds=1) == []
    return message


def redrive(aws: Target, dlq: Queue, **options: Any) -> dict[str, Any]:
    """The task, at its end."""
    aws.sqs.start_message_move_task(SourceArn=dlq.arn, **options)

    def ended() -> dict[str, Any] | None:
        tasks = aws.sqs.list_message_move_tasks(SourceArn=dlq.arn)["Results"]
        task: dict[str, Any] = tasks[0]
        return None if task["Status"] == "RUNNING" else task

    task = aws.wait_until(ended)
    assert task
    return task


@pytest.fixture
def sources(queue_of: QueueFactory) -> tuple[Queue, Queue, Queue]:
    """Two queues, and the dead-letter queue of both."""
    first, dlq = queue_of.with_dlq(1, VisibilityTimeout="0")
    policy = first.attributes()["RedrivePolicy"]
    return first, queue_of(VisibilityTimeout="0", RedrivePolicy=policy), dlq


def test_each_message_goes_back_to_the_queue_that_it_came_from(
    aws: Target, sources: tuple[Queue, Queue, Queue]
) -> None:
    first, second, dlq = sources
    for queue in (first, second):
        options = {"MessageAttributes": ATTRIBUTES, "MessageSystemAttributes": TRACE}
        bury(queue, queue.name, MessageGroupId=queue.name, **options)
    task = redrive(aws, dlq)
    assert (task["Status"], task["ApproximateNumberOfMessagesMoved"]) == ("COMPLETED", 2)
    for queue in (first, second):
        [message] = queue.receive()
        assert message["Body"] == message["Attributes"]["MessageGroupId"] == queue.name
        assert message["MessageAttributes"] == ATTRIBUTES
        assert message["Attributes"]["AWSTraceHeader"] == TRACE["AWSTraceHeader"]["StringValue"]
        assert "DeadLetterQueueSourceArn" not in message["Attributes"]


@pytest.mark.parametrize("destination", ["source", "other"])
def test_redriven_message_is_a_new_one(
    aws: Target, queue_of: QueueFactory, destination: str
) -> None:
    """It has a new id, a new time and its first attempt."""
    (queue, dlq), other = queue_of.with_dlq(1, VisibilityTimeout="0"), queue_of()
    before = bury(queue, "x")
    redrive(aws, dlq, **({} if destination == "source" else {"DestinationArn": other.arn}))
    [after] = (queue if destination == "source" else other).receive()
    assert after["MessageId"] != before["MessageId"]
    assert int(after["Attributes"]["SentTimestamp"]) > int(before["Attributes"]["SentTimestamp"])
    assert after["Attributes"]["ApproximateReceiveCount"] == "1"
    assert "DeadLetterQueueSourceArn" not in after["Attributes"]
    assert dlq.count() == 0


def test_message_of_a_fifo_queue_is_not_taken_for_a_duplicate(
    aws: Target, queue_of: QueueFactory
) -> None:
    queue, dlq = queue_of.with_dlq(1, VisibilityTimeout="0", **BY_CONTENT)
    before = bury(queue, "x", MessageGroupId="group")
    assert redrive(aws, dlq)["Status"] == "COMPLETED"
    [after] = queue.receive()
    assert (after["Body"], after["Attributes"]["MessageGroupId"]) == ("x", "group")
    assert after["Attributes"]["MessageDeduplicationId"] == before["MessageId"]


def test_message_that_was_sent_to_the_dead_letter_queue_has_nowhere_to_go(
    aws: Target, queue_of: QueueFactory
) -> None:
    _, dlq = queue_of.with_dlq(1)
    dlq.send("direct")
    task = redrive(aws, dlq)
    assert (task["Status"], task["FailureReason"]) == ("FAILED", "CouldNotDetermineMessageSource")
    assert dlq.receive()[0]["Body"] == "direct"


@pytest.mark.parametrize("rate", [-1, 0, 501])
def test_rate_that_sqs_does_not_have_is_refused(
    aws: Target, queue_of: QueueFactory, rate: int
) -> None:
    _, dlq = queue_of.with_dlq(1)
    with pytest.raises(ClientError, match=str(rate)):
        redrive(aws, dlq, MaxNumberOfMessagesPerSecond=rate)


def test_rate_is_kept(aws: Target, queue_of: QueueFactory) -> None:
    queue, dlq = queue_of.with_dlq(1, VisibilityTimeout="0")
    for number in range(3):
        bury(queue, str(number))
    aws.sqs.start_message_move_task(SourceArn=dlq.arn, MaxNumberOfMessagesPerSecond=1)
    with pytest.raises(ClientError, match="already a task running"):
        aws.sqs.start_message_move_task(SourceArn=dlq.arn)
    queue.receive()
    [task] = aws.sqs.list_message_move_tasks(SourceArn=dlq.arn)["Results"]
    assert (task["Status"], task["ApproximateNumberOfMessagesMoved"]) == ("RUNNING", 1)
    aws.sqs.cancel_message_move_task(TaskHandle=task["TaskHandle"])
