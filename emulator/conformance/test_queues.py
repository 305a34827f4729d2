"""Queues and their retries: visibility, delays, dead letters, order."""

import hashlib
import json
import time
from threading import Timer

import pytest
from botocore.exceptions import ClientError

from testing.queues import BY_CONTENT, FIFO, QueueFactory
from testing.target import Target, unique_name

from .docs import (
    CHANGE_VISIBILITY,
    DEAD_LETTERS,
    DEDUPLICATION,
    DELAY_QUEUES,
    DELETE_MESSAGE,
    FAIR_QUEUES,
    FIFO_DELIVERY,
    FIFO_ONCE,
    GET_QUEUE_URL,
    MESSAGE_METADATA,
    MESSAGE_TIMERS,
    POLLING,
    PURGE_QUEUE,
    RECEIVE_MESSAGE,
    REDRIVE,
    SEND_MESSAGE,
    SEND_MESSAGE_BATCH,
    SET_QUEUE_ATTRIBUTES,
    VISIBILITY,
    cites,
)

pytestmark = pytest.mark.group("Queue and retries")


@cites(SEND_MESSAGE)
def test_message_comes_with_the_digest_of_its_body(aws: Target, queue_of: QueueFactory) -> None:
    queue = queue_of()
    sent = aws.sqs.send_message(QueueUrl=queue.url, MessageBody="text \u00e9")
    [message] = queue.receive()
    digest = hashlib.md5("text \u00e9".encode(), usedforsecurity=False).hexdigest()
    assert sent["MD5OfMessageBody"] == message["MD5OfBody"] == digest
    assert (message["Body"], message["MessageId"]) == ("text \u00e9", sent["MessageId"])


@cites(MESSAGE_METADATA)
def test_message_attributes_come_along(queue_of: QueueFactory) -> None:
    queue = queue_of()
    attributes = {
        "Text": {"DataType": "String", "StringValue": "v"},
        "Number": {"DataType": "Number", "StringValue": "1.5"},
        "Bytes": {"DataType": "Binary", "BinaryValue": b"\xff"},
    }
    queue.send("any", MessageAttributes=attributes)
    assert queue.receive()[0]["MessageAttributes"] == attributes


@cites(RECEIVE_MESSAGE)
def test_system_attributes_come_on_request(queue_of: QueueFactory) -> None:
    queue = queue_of()
    queue.send("any")
    attributes = queue.receive()[0]["Attributes"]
    assert attributes["ApproximateReceiveCount"] == "1"
    assert attributes.keys() >= {"SentTimestamp", "SenderId", "ApproximateFirstReceiveTimestamp"}


@cites(VISIBILITY)
def test_received_message_is_hidden(queue_of: QueueFactory) -> None:
    queue = queue_of(VisibilityTimeout="30")
    queue.send("any")
    queue.receive()
    assert queue.receive_now(WaitTimeSeconds=1) == []


@cites(VISIBILITY)
def test_message_comes_again_after_the_visibility_timeout(queue_of: QueueFactory) -> None:
    queue = queue_of(VisibilityTimeout="2")
    queue.send("any")
    queue.receive()
    began = time.monotonic()
    [again] = queue.receive()
    assert again["Attributes"]["ApproximateReceiveCount"] == "2"
    assert time.monotonic() - began > 1


@cites(RECEIVE_MESSAGE)
def test_visibility_timeout_of_a_receive_overrides_the_queues(queue_of: QueueFactory) -> None:
    queue = queue_of(VisibilityTimeout="600")
    queue.send("any")
    queue.receive(VisibilityTimeout=1)
    assert queue.receive()[0]["Attributes"]["ApproximateReceiveCount"] == "2"


@cites(VISIBILITY)
def test_visibility_timeout_of_0_makes_a_message_visible_at_once(queue_of: QueueFactory) -> None:
    queue = queue_of(VisibilityTimeout="600")
    queue.send("any")
    queue.change_visibility(queue.receive()[0], 0)
    assert queue.receive()[0]["Attributes"]["ApproximateReceiveCount"] == "2"


@cites(CHANGE_VISIBILITY)
def test_visibility_timeout_can_be_extended(queue_of: QueueFactory) -> None:
    queue = queue_of(VisibilityTimeout="1")
    queue.send("any")
    queue.change_visibility(queue.receive()[0], 30)
    assert queue.receive_now(WaitTimeSeconds=3) == []


@cites(CHANGE_VISIBILITY)
def test_visibility_of_a_message_that_is_not_in_flight_cannot_be_changed(
    queue_of: QueueFactory,
) -> None:
    queue = queue_of()
    queue.send("any")
    [message] = queue.receive()
    queue.change_visibility(message, 0)
    with pytest.raises(ClientError):
        queue.change_visibility(message, 10)


@cites(DELETE_MESSAGE)
def test_deleted_message_does_not_come_again(queue_of: QueueFactory) -> None:
    queue = queue_of(VisibilityTimeout="1")
    queue.send("any")
    queue.delete_message(queue.receive()[0])
    assert queue.receive_now(WaitTimeSeconds=2) == []


@cites(DELAY_QUEUES)
def test_delay_queue_holds_messages_back(queue_of: QueueFactory) -> None:
    queue = queue_of(DelaySeconds="2")
    queue.send("any")
    assert queue.receive_now(WaitTimeSeconds=1) == []
    assert queue.attributes()["ApproximateNumberOfMessagesDelayed"] == "1"
    queue.receive()


@cites(MESSAGE_TIMERS)
def test_message_timer_holds_a_message_back(queue_of: QueueFactory) -> None:
    queue = queue_of()
    queue.send("any", DelaySeconds=2)
    assert queue.receive_now(WaitTimeSeconds=1) == []
    queue.receive()


@cites(MESSAGE_TIMERS)
def test_message_timer_overrides_the_delay_of_the_queue(queue_of: QueueFactory) -> None:
    queue = queue_of(DelaySeconds="600")
    queue.send("any", DelaySeconds=0)
    queue.receive()


@cites(MESSAGE_TIMERS)
def test_fifo_queue_takes_no_message_timer(queue_of: QueueFactory) -> None:
    with pytest.raises(ClientError) as refused:
        queue_of(**BY_CONTENT).send("any", MessageGroupId="one", DelaySeconds=1)
    assert "InvalidParameterValue" in refused.value.response["Error"]["Code"]


@cites(POLLING)
def test_long_poll_waits_for_a_message(queue_of: QueueFactory) -> None:
    queue = queue_of()
    sender = Timer(1, queue.send, ["late"])
    sender.start()
    began = time.monotonic()
    [message] = queue.receive_now(WaitTimeSeconds=20)
    sender.join()
    assert message["Body"] == "late"
    assert time.monotonic() - began < 15


@cites(POLLING)
def test_long_poll_ends_empty_after_its_wait_time(queue_of: QueueFactory) -> None:
    queue = queue_of()
    began = time.monotonic()
    assert queue.receive_now(WaitTimeSeconds=2) == []
    assert time.monotonic() - began >= 1.9


@cites(POLLING)
def test_wait_time_of_the_queue_holds_without_one_of_the_receive(queue_of: QueueFactory) -> None:
    queue = queue_of(ReceiveMessageWaitTimeSeconds="2")
    began = time.monotonic()
    assert queue.receive_now() == []
    assert time.monotonic() - began >= 1.9


@cites(DEAD_LETTERS)
def test_message_received_too_often_goes_to_the_dead_letter_queue(
    queue_of: QueueFactory,
) -> None:
    queue, dlq = queue_of.with_dlq(2, VisibilityTimeout="0")
    message_id = queue.send("bad")
    queue.receive(2)
    assert queue.receive_now(WaitTimeSeconds=1) == []
    [dead] = dlq.receive()
    assert (dead["Body"], dead["MessageId"]) == ("bad", message_id)


@cites(RECEIVE_MESSAGE)
def test_dead_letter_names_the_queue_that_it_comes_from(queue_of: QueueFactory) -> None:
    queue, dlq = queue_of.with_dlq(1, VisibilityTimeout="0")
    queue.send("bad")
    queue.receive()
    queue.receive_now(WaitTimeSeconds=1)
    assert dlq.receive()[0]["Attributes"]["DeadLetterQueueSourceArn"] == queue.arn


@cites(REDRIVE)
def test_redrive_returns_dead_letters_to_their_queue_as_new_ones(
    aws: Target, queue_of: QueueFactory
) -> None:
    queue, dlq = queue_of.with_dlq(1, VisibilityTimeout="0")
    queue.send("again")
    queue.receive()
    queue.receive_now(WaitTimeSeconds=1)
    aws.wait_until(lambda: dlq.count() == 1)
    aws.sqs.start_message_move_task(SourceArn=dlq.arn)
    [again] = queue.receive()
    assert (again["Body"], again["Attributes"]["ApproximateReceiveCount"]) == ("again", "1")


@cites(REDRIVE)
def test_redrive_may_go_to_another_queue(aws: Target, queue_of: QueueFactory) -> None:
    (queue, dlq), another = queue_of.with_dlq(1, VisibilityTimeout="0"), queue_of()
    queue.send("elsewhere")
    queue.receive()
    queue.receive_now(WaitTimeSeconds=1)
    aws.wait_until(lambda: dlq.count() == 1)
    aws.sqs.start_message_move_task(SourceArn=dlq.arn, DestinationArn=another.arn)
    assert another.receive()[0]["Body"] == "elsewhere"


@cites(DEAD_LETTERS)
def test_dead_letter_queue_must_be_of_the_queues_kind(queue_of: QueueFactory) -> None:
    policy = {"deadLetterTargetArn": queue_of().arn, "maxReceiveCount": "1"}
    with pytest.raises(ClientError):
        queue_of(**FIFO, RedrivePolicy=json.dumps(policy))


@cites(FIFO_DELIVERY)
def test_messages_of_a_group_come_in_order(queue_of: QueueFactory) -> None:
    queue = queue_of(**BY_CONTENT)
    for number in range(5):
        queue.send(str(number), MessageGroupId="one")
    assert [message["Body"] for message in queue.receive(5)] == list("01234")


@cites(FIFO_DELIVERY)
def test_group_is_held_up_while_one_of_its_messages_is_in_flight(queue_of: QueueFactory) -> None:
    queue = queue_of(**BY_CONTENT, VisibilityTimeout="30")
    for body, group in (("1", "one"), ("2", "one"), ("3", "two")):
        queue.send(body, MessageGroupId=group)
    [first] = queue.receive(MaxNumberOfMessages=1)
    [other] = queue.receive(MaxNumberOfMessages=1)
    assert {first["Body"], other["Body"]} == {"1", "3"}
    assert queue.receive_now(WaitTimeSeconds=1) == []


@cites(FIFO_DELIVERY)
def test_group_goes_on_when_the_message_in_flight_is_deleted(queue_of: QueueFactory) -> None:
    queue = queue_of(**BY_CONTENT, VisibilityTimeout="600")
    for body in ("1", "2"):
        queue.send(body, MessageGroupId="one")
    [first] = queue.receive(MaxNumberOfMessages=1)
    queue.delete_message(first)
    assert queue.receive()[0]["Body"] == "2"


@cites(FIFO_DELIVERY)
def test_message_without_group_is_refused_by_a_fifo_queue(queue_of: QueueFactory) -> None:
    with pytest.raises(ClientError) as refused:
        queue_of(**BY_CONTENT).send("any")
    assert "MissingParameter" in refused.value.response["Error"]["Code"]


@cites(DEDUPLICATION)
def test_message_with_the_same_deduplication_id_is_not_delivered(queue_of: QueueFactory) -> None:
    queue = queue_of(**FIFO)
    for body in ("first", "second"):
        queue.send(body, MessageGroupId="one", MessageDeduplicationId="same")
    assert [message["Body"] for message in queue.receive()] == ["first"]
    assert queue.count() == 1


@cites(DEDUPLICATION)
def test_deduplication_goes_on_after_the_message_is_deleted(queue_of: QueueFactory) -> None:
    queue = queue_of(**FIFO)
    queue.send("first", MessageGroupId="one", MessageDeduplicationId="same")
    queue.delete_message(queue.receive()[0])
    queue.send("second", MessageGroupId="one", MessageDeduplicationId="same")
    assert queue.receive_now(WaitTimeSeconds=2) == []


@cites(FIFO_ONCE)
def test_content_may_be_the_deduplication_id(queue_of: QueueFactory) -> None:
    queue = queue_of(**BY_CONTENT)
    for body in ("same", "same", "other"):
        queue.send(body, MessageGroupId="one")
    messages = queue.receive(2)
    assert [message["Body"] for message in messages] == ["same", "other"]
    assert (
        messages[0]["Attributes"]["MessageDeduplicationId"] == hashlib.sha256(b"same").hexdigest()
    )


@cites(FIFO_ONCE)
def test_message_without_deduplication_id_is_refused(queue_of: QueueFactory) -> None:
    with pytest.raises(ClientError) as refused:
        queue_of(**FIFO).send("any", MessageGroupId="one")
    assert "InvalidParameterValue" in refused.value.response["Error"]["Code"]


@cites(SEND_MESSAGE)
def test_sequence_numbers_increase(aws: Target, queue_of: QueueFactory) -> None:
    queue = queue_of(**BY_CONTENT)
    numbers = [
        int(
            aws.sqs.send_message(QueueUrl=queue.url, MessageBody=body, MessageGroupId="one")[
                "SequenceNumber"
            ]
        )
        for body in "abc"
    ]
    assert numbers == sorted(set(numbers))


@cites(FAIR_QUEUES)
def test_standard_queue_takes_a_message_group(queue_of: QueueFactory) -> None:
    queue = queue_of()
    queue.send("any", MessageGroupId="tenant")
    assert queue.receive()[0]["Attributes"]["MessageGroupId"] == "tenant"


@cites(SEND_MESSAGE_BATCH)
def test_batch_response_names_the_messages_that_failed(aws: Target, queue_of: QueueFactory) -> None:
    entries = [
        {"Id": "good", "MessageBody": "any"},
        {"Id": "bad", "MessageBody": "any", "DelaySeconds": 901},
    ]
    answer = aws.sqs.send_message_batch(QueueUrl=queue_of().url, Entries=entries)
    assert [entry["Id"] for entry in answer["Successful"]] == ["good"]
    assert [(entry["Id"], entry["SenderFault"]) for entry in answer["Failed"]] == [("bad", True)]


@cites(SEND_MESSAGE_BATCH)
def test_ids_of_a_batch_must_differ(aws: Target, queue_of: QueueFactory) -> None:
    entries = [{"Id": "same", "MessageBody": "any"}] * 2
    with pytest.raises(aws.sqs.exceptions.BatchEntryIdsNotDistinct):
        aws.sqs.send_message_batch(QueueUrl=queue_of().url, Entries=entries)


@cites(PURGE_QUEUE)
def test_purged_queue_is_empty(aws: Target, queue_of: QueueFactory) -> None:
    queue = queue_of()
    queue.send("any")
    aws.sqs.purge_queue(QueueUrl=queue.url)
    aws.wait_until(lambda: queue.count() == 0, 60)


@cites(SET_QUEUE_ATTRIBUTES)
def test_changed_visibility_timeout_takes_effect(aws: Target, queue_of: QueueFactory) -> None:
    queue = queue_of(VisibilityTimeout="600")
    aws.sqs.set_queue_attributes(QueueUrl=queue.url, Attributes={"VisibilityTimeout": "1"})
    aws.wait_until(lambda: queue.attributes()["VisibilityTimeout"] == "1")
    queue.send("any")
    queue.receive()
    queue.receive()


@cites(GET_QUEUE_URL)
def test_unknown_queue_does_not_exist(aws: Target) -> None:
    with pytest.raises(aws.sqs.exceptions.QueueDoesNotExist):
        aws.sqs.get_queue_url(QueueName=unique_name())
