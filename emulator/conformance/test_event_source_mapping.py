"""SQS event source mappings: what they invoke a function with, and what becomes of a message."""

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from .consumers import Consumer, ConsumerFactory
from .docs import (
    ALIASES,
    CREATE_MAPPING,
    DELETE_MAPPING,
    MAPPING,
    MAPPING_CONFIGURATION,
    MAPPING_ERRORS,
    MAPPING_FILTERS,
    MAPPING_PARAMETERS,
    MAPPING_SCALING,
    cites,
)
from .functions import FunctionFactory, reserve_concurrency
from .queues import QueueFactory
from .target import Target

pytestmark = pytest.mark.group("Event source mapping")

PARTIAL: dict[str, Any] = {"FunctionResponseTypes": ["ReportBatchItemFailures"]}
FAIL_THE_BAD = (
    "{'batchItemFailures': [{'itemIdentifier': record['messageId']}"
    " for record in event['Records'] if record['body'] == 'bad']}"
)
# Answers what the first message says, with the message's id for ID.
OBEY = "json.loads(event['Records'][0]['body'].replace('ID', event['Records'][0]['messageId']))"
SLOW = "time.sleep(1)"
# Reports an event that is too large for a message by its size and its bodies' first characters.
MEASURE = (
    "event.update(bytes=len(json.dumps(event, ensure_ascii=False, separators=(',', ':')).encode()),"
    " Records=[{'body': record['body'][0]} for record in event['Records']])"
)
# enough for a cold start, which else would be a failure by itself
RETRY = 5


def bodies(records: list[dict[str, Any]]) -> list[str]:
    return [record["body"] for record in records]


def receive_count(record: dict[str, Any]) -> int:
    return int(record["attributes"]["ApproximateReceiveCount"])


def most_at_once(reports: list[dict[str, Any]]) -> int:
    """How many of the invocations ran at the same time, at most."""
    spans = [(report["began"], report["ended"]) for report in reports]
    return max(len([at for begin, end in spans if begin <= at < end]) for at, _ in spans)


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
def test_batches_run_side_by_side_up_to_the_maximum_concurrency(
    consume: ConsumerFactory, queue_of: QueueFactory
) -> None:
    consumer = consume(
        SLOW,
        source=queue_of(VisibilityTimeout="60"),
        BatchSize=1,
        ScalingConfig={"MaximumConcurrency": 3},
    )
    for number in range(9):
        consumer.source.send(str(number))
    assert most_at_once(consumer.invocations(9, seconds=40)) == 3


@cites(MAPPING_SCALING)
def test_batches_run_side_by_side_without_a_maximum(
    consume: ConsumerFactory, queue_of: QueueFactory
) -> None:
    source = queue_of(VisibilityTimeout="60")
    consumer = consume(SLOW, source=source, BatchSize=1)
    for number in range(10):
        source.send(str(number))
    assert most_at_once(consumer.invocations(10, seconds=40)) >= 2


@cites(CREATE_MAPPING)
def test_disabled_mapping_leaves_messages_in_the_queue(consume: ConsumerFactory) -> None:
    consumer = consume()
    consumer.set_enabled(False)
    consumer.source.send("held")
    assert consumer.records_within(3) == []
    assert consumer.source.count() == 1


@cites(CREATE_MAPPING)
def test_enabled_mapping_takes_what_waited(consume: ConsumerFactory) -> None:
    consumer = consume(Enabled=False)
    consumer.source.send("held")
    consumer.set_enabled(True)
    assert bodies(consumer.records()) == ["held"]


@cites(DELETE_MAPPING)
def test_deleted_mapping_leaves_messages_in_the_queue(
    aws: Target, consume: ConsumerFactory
) -> None:
    consumer = consume()
    consumer.disconnect()

    def is_gone() -> bool:
        try:
            aws.lambda_.get_event_source_mapping(UUID=consumer.mapping)
        except aws.lambda_.exceptions.ResourceNotFoundException:
            return True
        return False

    aws.wait_until(is_gone)
    consumer.source.send("held")
    assert consumer.records_within(3) == []
    assert consumer.source.count() == 1


@cites(CREATE_MAPPING)
def test_updated_batch_size_takes_effect(aws: Target, consume: ConsumerFactory) -> None:
    consumer = consume(BatchSize=1, Enabled=False)
    aws.lambda_.update_event_source_mapping(UUID=consumer.mapping, BatchSize=10)
    for number in range(4):
        consumer.source.send(str(number))
    consumer.set_enabled(True)
    consumer.records(4)
    assert len(consumer.invocations()) < 4


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


FIFO: dict[str, Any] = {"FifoQueue": "true", "ContentBasedDeduplication": "true"}


@cites(MAPPING)
def test_record_of_a_fifo_queue_has_its_attributes(
    consume: ConsumerFactory, queue_of: QueueFactory
) -> None:
    source = queue_of(**FIFO)
    consumer = consume(source=source)
    source.send("Test message.", MessageGroupId="1", MessageDeduplicationId="2")
    attributes = consumer.records()[0]["attributes"]
    assert (attributes["MessageGroupId"], attributes["MessageDeduplicationId"]) == ("1", "2")
    assert attributes["SequenceNumber"]


@cites(MAPPING_SCALING)
def test_messages_of_a_group_arrive_in_order(
    consume: ConsumerFactory, queue_of: QueueFactory
) -> None:
    source = queue_of(**FIFO)
    consumer = consume(source=source, BatchSize=2)
    for number in range(6):
        source.send(str(number), MessageGroupId="one")
    assert bodies(consumer.records(6, seconds=30)) == list("012345")


@cites(MAPPING_SCALING)
def test_batches_of_a_group_run_one_at_a_time(
    consume: ConsumerFactory, queue_of: QueueFactory
) -> None:
    source = queue_of(**FIFO, VisibilityTimeout="60")
    consumer = consume(SLOW, source=source, BatchSize=1)
    for number in range(4):
        source.send(str(number), MessageGroupId="one")
    assert most_at_once(consumer.invocations(4, seconds=30)) == 1


@cites(MAPPING_SCALING)
def test_groups_run_side_by_side(consume: ConsumerFactory, queue_of: QueueFactory) -> None:
    source = queue_of(**FIFO, VisibilityTimeout="60")
    consumer = consume("time.sleep(2)", source=source, BatchSize=1, Enabled=False)
    for group in ("one", "two"):
        for number in range(3):
            source.send(f"{group} {number}", MessageGroupId=group)
    consumer.set_enabled(True)
    assert most_at_once(consumer.invocations(6, seconds=40)) == 2


@cites(MAPPING_SCALING)
def test_failed_message_holds_up_its_group_until_it_is_given_up(
    consume: ConsumerFactory, queue_of: QueueFactory
) -> None:
    source, _ = queue_of.with_dlq(2, **FIFO, VisibilityTimeout=str(RETRY))
    consumer = consume(FAIL_THE_BAD, source=source, retry_seconds=RETRY, BatchSize=1, **PARTIAL)
    for body in ("bad", "next"):
        source.send(body, MessageGroupId="one")
    assert bodies(consumer.records(3, seconds=30)) == ["bad", "bad", "next"]


@cites(ALIASES)
def test_mapping_with_an_alias_invokes_its_version(aws: Target, consume: ConsumerFactory) -> None:
    consumer: Consumer = consume.unconnected()
    function = consumer.function
    version = function.publish()
    aws.lambda_.create_alias(FunctionName=function.name, Name="live", FunctionVersion=version)
    consumer.connect(f"{function.name}:live")
    consumer.source.send("any")
    assert consumer.invocations()[0]["version"] == version


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


@cites(MAPPING_SCALING)
def test_no_more_batches_run_than_concurrency_is_reserved(consume: ConsumerFactory) -> None:
    consumer = consume(SLOW, retry_seconds=RETRY, BatchSize=1, Enabled=False)
    reserve_concurrency(consumer.function, 2)
    for number in range(6):
        consumer.source.send(str(number))
    consumer.set_enabled(True)
    consumer.records(6, seconds=60)
    assert most_at_once(consumer.invocations()) == 2


@cites(CREATE_MAPPING)
def test_mapping_is_listed_with_its_function(aws: Target, consume: ConsumerFactory) -> None:
    consumer = consume(BatchSize=3, ScalingConfig={"MaximumConcurrency": 2}, **PARTIAL)
    [mapping] = aws.lambda_.list_event_source_mappings(FunctionName=consumer.function.name)[
        "EventSourceMappings"
    ]
    assert (mapping["UUID"], mapping["BatchSize"]) == (consumer.mapping, 3)
    assert mapping["ScalingConfig"] == {"MaximumConcurrency": 2}
    assert mapping["FunctionResponseTypes"] == ["ReportBatchItemFailures"]


@cites(CREATE_MAPPING)
def test_second_mapping_between_the_same_is_refused(aws: Target, consume: ConsumerFactory) -> None:
    consumer = consume()
    with pytest.raises(aws.lambda_.exceptions.ResourceConflictException):
        aws.lambda_.create_event_source_mapping(
            EventSourceArn=consumer.source.arn, FunctionName=consumer.function.name
        )


@cites(CREATE_MAPPING)
def test_mapping_to_an_unknown_function_is_refused(aws: Target, queue_of: QueueFactory) -> None:
    with pytest.raises(ClientError) as refused:
        aws.lambda_.create_event_source_mapping(
            EventSourceArn=queue_of().arn, FunctionName="conformance-none"
        )
    # documented as the latter; AWS answers with the former
    assert refused.value.response["Error"]["Code"] in (
        "InvalidParameterValueException",
        "ResourceNotFoundException",
    )


@cites(MAPPING_PARAMETERS)
def test_function_may_read_several_queues(
    consume: ConsumerFactory, queue_of: QueueFactory, deploy: FunctionFactory
) -> None:
    consumer = consume()
    second = queue_of(VisibilityTimeout="30")
    another = Consumer(second, consumer.reports, consumer.function)
    deploy.cleanup.callback(another.disconnect)
    another.connect(consumer.function.name)
    consumer.source.send("one")
    second.send("two")
    assert sorted(bodies(consumer.records(2))) == ["one", "two"]
