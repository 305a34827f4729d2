"""SQS event source mappings: how many invocations run at once, and the life of a mapping."""

import pytest
from botocore.exceptions import ClientError

from testing.consumers import PARTIAL, RETRY, Consumer, ConsumerFactory, bodies, most_at_once
from testing.functions import FunctionFactory, reserve_concurrency
from testing.queues import BY_CONTENT, QueueFactory
from testing.target import Target

from .docs import (
    ALIASES,
    CREATE_MAPPING,
    DELETE_MAPPING,
    MAPPING_PARAMETERS,
    MAPPING_SCALING,
    cites,
)

pytestmark = pytest.mark.group("Event source mapping")

SLOW = "time.sleep(1)"


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


@cites(MAPPING_SCALING)
def test_batches_of_a_group_run_one_at_a_time(
    consume: ConsumerFactory, queue_of: QueueFactory
) -> None:
    source = queue_of(**BY_CONTENT, VisibilityTimeout="60")
    consumer = consume(SLOW, source=source, BatchSize=1)
    for number in range(4):
        source.send(str(number), MessageGroupId="one")
    assert most_at_once(consumer.invocations(4, seconds=30)) == 1


@cites(MAPPING_SCALING)
def test_groups_run_side_by_side(consume: ConsumerFactory, queue_of: QueueFactory) -> None:
    source = queue_of(**BY_CONTENT, VisibilityTimeout="60")
    consumer = consume("time.sleep(2)", source=source, BatchSize=1, Enabled=False)
    for group in ("one", "two"):
        for number in range(3):
            source.send(f"{group} {number}", MessageGroupId=group)
    consumer.set_enabled(True)
    assert most_at_once(consumer.invocations(6, seconds=40)) == 2


@cites(ALIASES)
def test_mapping_with_an_alias_invokes_its_version(aws: Target, consume: ConsumerFactory) -> None:
    consumer: Consumer = consume.unconnected()
    function = consumer.function
    version = function.publish()
    aws.lambda_.create_alias(FunctionName=function.name, Name="live", FunctionVersion=version)
    consumer.connect(f"{function.name}:live")
    consumer.source.send("any")
    assert consumer.invocations()[0]["version"] == version


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
    # AWS documents the latter, but answers with the former
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
