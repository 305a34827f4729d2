"""What the plugin's event source mappings do that AWS does not specify."""

import time

import pytest

from testing.consumers import ConsumerFactory, bodies, most_at_once
from testing.functions import ECHO, FunctionFactory
from testing.queues import QueueFactory
from testing.target import Target


def test_mapping_without_maximum_concurrency_outgrows_five_within_seconds(
    consume: ConsumerFactory, queue_of: QueueFactory
) -> None:
    source = queue_of(VisibilityTimeout="60")
    consumer = consume("time.sleep(4)", source=source, BatchSize=1, Enabled=False)
    for number in range(16):
        source.send(str(number))
    consumer.set_enabled(True)
    assert most_at_once(consumer.invocations(16, seconds=60)) > 5


def test_window_gathers_one_batch(consume: ConsumerFactory) -> None:
    consumer = consume(BatchSize=100, MaximumBatchingWindowInSeconds=2, Enabled=False)
    for number in range(25):
        consumer.source.send(str(number))
    enabled = time.time()
    consumer.set_enabled(True)
    records = consumer.records(25)
    [batch] = consumer.invocations()
    assert batch["began"] - enabled >= 2
    assert sorted(bodies(records), key=int) == [str(number) for number in range(25)]


def test_disabling_ends_the_window_and_loses_nothing(
    aws: Target, consume: ConsumerFactory, queue_of: QueueFactory
) -> None:
    source = queue_of(VisibilityTimeout="400")
    consumer = consume(source=source, BatchSize=100, MaximumBatchingWindowInSeconds=300)
    for body in ("one", "two"):
        source.send(body)
    aws.wait_until(lambda: source.attributes()["ApproximateNumberOfMessagesNotVisible"] == "2")
    consumer.set_enabled(False)
    assert sorted(bodies(consumer.records(2))) == ["one", "two"]
    assert len(consumer.invocations()) == 1


@pytest.mark.parametrize("ending", ["deleted", "disabled"])
def test_invocation_under_way_finishes_when_its_mapping_ends(
    aws: Target, consume: ConsumerFactory, queue_of: QueueFactory, ending: str
) -> None:
    began = queue_of()
    consumer = consume(
        f"(sqs.send_message(QueueUrl={began.url!r}, MessageBody='began'), time.sleep(6))[1]"
    )
    consumer.source.send("message")
    began.receive()
    if ending == "deleted":
        consumer.disconnect()
    else:
        consumer.set_enabled(False)
    assert bodies(consumer.records()) == ["message"]
    aws.wait_until(lambda: consumer.source.count() == 0)


def test_visibility_timeout_below_the_functions_timeout_is_refused(
    aws: Target, deploy: FunctionFactory, queue_of: QueueFactory
) -> None:
    with pytest.raises(
        aws.lambda_.exceptions.InvalidParameterValueException, match="less than Function timeout"
    ):
        aws.lambda_.create_event_source_mapping(
            EventSourceArn=queue_of(VisibilityTimeout="2").arn,
            FunctionName=deploy(ECHO, timeout=3).name,
        )
