"""SQS event source mappings: the events with which they invoke a function."""

import json
from typing import Any

import pytest

from testing.consumers import ConsumerFactory, bodies
from testing.queues import BY_CONTENT, QueueFactory
from testing.target import Target

from .docs import (
    CREATE_MAPPING,
    MAPPING,
    MAPPING_CONFIGURATION,
    MAPPING_FILTERS,
    MAPPING_SCALING,
    cites,
)

pytestmark = pytest.mark.group("Event source mapping")

# Reports an event that is too large for a message by its size and its bodies' first characters.
MEASURE = (
    "event.update(bytes=len(json.dumps(event, ensure_ascii=False, separators=(',', ':')).encode()),"
    " Records=[{'body': record['body'][0]} for record in event['Records']])"
)


@cites(MAPPING)
def test_record_has_the_documented_keys(aws: Target, consume: ConsumerFactory) -> None:
    consumer = consume()
    message_id = consumer.source.send("Test message.")
    [record] = consumer.records()
    assert record.keys() == {
        "messageId",
        "receiptHandle",
        "body",
        "attributes",
        "messageAttributes",
        "md5OfBody",
        "eventSource",
        "eventSourceARN",
        "awsRegion",
    }
    assert (record["messageId"], record["body"]) == (message_id, "Test message.")
    assert record["md5OfBody"] == "e4e68fb7bd0e697a0ae8f1bb342846b3"
    assert record["messageAttributes"] == {}
    assert (record["eventSource"], record["eventSourceARN"], record["awsRegion"]) == (
        "aws:sqs",
        consumer.source.arn,
        aws.region,
    )


@cites(MAPPING)
def test_record_has_the_messages_system_attributes(consume: ConsumerFactory) -> None:
    consumer = consume()
    consumer.source.send("any")
    attributes = consumer.records()[0]["attributes"]
    assert attributes["ApproximateReceiveCount"] == "1"
    assert attributes["SenderId"]
    assert int(attributes["SentTimestamp"]) <= int(attributes["ApproximateFirstReceiveTimestamp"])


@cites(MAPPING)
def test_body_arrives_byte_for_byte(consume: ConsumerFactory) -> None:
    consumer = consume()
    body = '{ "b":1,\t"a" : 1.0, "\u00e9": "\\u00e9" }'
    consumer.source.send(body)
    assert bodies(consumer.records()) == [body]


@cites(MAPPING)
def test_record_has_the_message_attributes(consume: ConsumerFactory) -> None:
    consumer = consume()
    consumer.source.send(
        "any",
        MessageAttributes={
            "Text": {"DataType": "String", "StringValue": "v"},
            "Bytes": {"DataType": "Binary", "BinaryValue": b"\xff\x00"},
        },
    )
    attributes = consumer.records()[0]["messageAttributes"]
    assert (attributes["Text"]["stringValue"], attributes["Text"]["dataType"]) == ("v", "String")
    assert (attributes["Bytes"]["binaryValue"], attributes["Bytes"]["dataType"]) == (
        "/wA=",
        "Binary",
    )


@cites(MAPPING_CONFIGURATION)
def test_batch_is_no_larger_than_the_batch_size(consume: ConsumerFactory) -> None:
    consumer = consume(BatchSize=2, Enabled=False)
    for number in range(6):
        consumer.source.send(str(number))
    consumer.set_enabled(True)
    assert sorted(bodies(consumer.records(6))) == list("012345")
    sizes = [len(report["event"]["Records"]) for report in consumer.invocations()]
    assert max(sizes) == 2


@cites(CREATE_MAPPING)
def test_batch_size_is_10_without_one(aws: Target, consume: ConsumerFactory) -> None:
    mapping = aws.lambda_.get_event_source_mapping(UUID=consume().mapping)
    assert mapping["BatchSize"] == 10


@cites(CREATE_MAPPING)
def test_batching_window_gathers_messages(consume: ConsumerFactory) -> None:
    consumer = consume(BatchSize=100, MaximumBatchingWindowInSeconds=3)
    for number in range(15):
        consumer.source.send(str(number))
    consumer.records(15, seconds=30)
    # up to five pollers gather at once
    assert len(consumer.invocations()) <= 5


@cites(CREATE_MAPPING)
def test_message_waits_for_the_end_of_its_window(consume: ConsumerFactory) -> None:
    consumer = consume(BatchSize=100, MaximumBatchingWindowInSeconds=3)
    consumer.source.send("any")
    [record] = consumer.records()
    sent = int(record["attributes"]["SentTimestamp"]) / 1000
    assert consumer.invocations()[0]["began"] - sent >= 2


@cites(MAPPING)
def test_batch_stays_within_the_payload_limit(
    aws: Target, consume: ConsumerFactory, queue_of: QueueFactory
) -> None:
    source = queue_of(VisibilityTimeout="60")
    consumer = consume(
        MEASURE,
        source=source,
        BatchSize=20,
        MaximumBatchingWindowInSeconds=3,
        Enabled=False,
    )
    # two bytes a character in UTF-8, six in JSON's escapes
    for letter in "abcdefgh":
        source.send(letter + "\u00e9" * 500_000)
    consumer.set_enabled(True)
    assert sorted(bodies(consumer.records(8, seconds=40))) == list("abcdefgh")
    sizes = [report["event"]["bytes"] for report in consumer.invocations()]
    assert max(sizes) <= 6 * 1024 * 1024
    aws.wait_until(lambda: source.count() == 0)


@cites(MAPPING)
def test_full_batch_does_not_wait_for_the_window(consume: ConsumerFactory) -> None:
    consumer = consume(BatchSize=2, MaximumBatchingWindowInSeconds=120, Enabled=False)
    for number in range(4):
        consumer.source.send(str(number))
    consumer.set_enabled(True)
    # with low traffic, AWS may wait for up to 20 s
    assert sorted(bodies(consumer.records(4, seconds=40))) == list("0123")


def pattern(body: Any) -> dict[str, Any]:
    return {"FilterCriteria": {"Filters": [{"Pattern": json.dumps({"body": body})}]}}


@cites(MAPPING_FILTERS)
def test_filter_passes_what_matches_and_removes_the_rest(
    aws: Target, consume: ConsumerFactory
) -> None:
    consumer = consume(**pattern({"code": ["BBBB"]}))
    for code in ("AAAA", "BBBB", "CCCC"):
        consumer.source.send(json.dumps({"code": code, "number": 1}))
    assert [json.loads(body)["code"] for body in bodies(consumer.records())] == ["BBBB"]
    aws.wait_until(lambda: consumer.source.count() == 0)
    assert len(consumer.records_within(2)) == 1


@cites(MAPPING_FILTERS)
def test_filter_leaves_the_body_as_it_is(consume: ConsumerFactory) -> None:
    consumer = consume(**pattern({"code": ["BBBB"]}))
    body = '{ "code":"BBBB",\t"a" : 1.0, "\u00e9": "\\u00e9" }'
    consumer.source.send(body)
    assert bodies(consumer.records()) == [body]


@cites(MAPPING_FILTERS)
def test_filter_compares_numbers(aws: Target, consume: ConsumerFactory) -> None:
    consumer = consume(**pattern({"number": [{"numeric": [">", 10]}]}))
    for number in (5, 50):
        consumer.source.send(json.dumps({"number": number}))
    assert bodies(consumer.records()) == ['{"number": 50}']
    aws.wait_until(lambda: consumer.source.count() == 0)


@cites(MAPPING_FILTERS)
def test_plain_text_does_not_match_a_filter_for_json(aws: Target, consume: ConsumerFactory) -> None:
    consumer = consume(**pattern({"code": ["BBBB"]}))
    consumer.source.send("plain")
    consumer.source.send('{"code": "BBBB"}')
    assert bodies(consumer.records()) == ['{"code": "BBBB"}']
    aws.wait_until(lambda: consumer.source.count() == 0)


@cites(MAPPING)
def test_record_of_a_fifo_queue_has_its_attributes(
    consume: ConsumerFactory, queue_of: QueueFactory
) -> None:
    source = queue_of(**BY_CONTENT)
    consumer = consume(source=source)
    source.send("Test message.", MessageGroupId="1", MessageDeduplicationId="2")
    attributes = consumer.records()[0]["attributes"]
    assert (attributes["MessageGroupId"], attributes["MessageDeduplicationId"]) == ("1", "2")
    assert attributes["SequenceNumber"]


@cites(MAPPING_SCALING)
def test_messages_of_a_group_arrive_in_order(
    consume: ConsumerFactory, queue_of: QueueFactory
) -> None:
    source = queue_of(**BY_CONTENT)
    consumer = consume(source=source, BatchSize=2)
    for number in range(6):
        source.send(str(number), MessageGroupId="one")
    assert bodies(consumer.records(6, seconds=30)) == list("012345")
