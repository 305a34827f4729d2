"""How an SQS event source mapping forms batches, scales, and meets a throttled function.

https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-scaling.html
https://docs.aws.amazon.com/lambda/latest/dg/invocation-eventsourcemapping.html
https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html
"""

import json
import time
import uuid
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import pytest

from .deploying import Clients, Deploy, Function, wait_until
from .mapping import Connect, QueueOf, bodies, delete_mapping, messages_in, receive, wait_for_state

# Writes, for each invocation, when it began and ended and what it got to the queue that OUT names.
REPORT = """
import boto3, json, os, time
sqs = boto3.client("sqs")

def handler(event, context):
    began = time.time()
    time.sleep(float(os.environ.get("SECONDS", "0")))
    report = {
        "began": began,
        "ended": time.time(),
        "bytes": len(json.dumps(event, ensure_ascii=False, separators=(",", ":")).encode()),
        "bodies": [record["body"][:100] for record in event["Records"]],
    }
    sqs.send_message(QueueUrl=os.environ["OUT"], MessageBody=json.dumps(report))
"""


def reports(clients: Clients, out: str, messages: int, seconds: float = 30) -> list[dict[str, Any]]:
    """One for each invocation, once these have handled `messages`."""
    received: list[dict[str, Any]] = []

    def probe() -> bool:
        answer = clients.sqs.receive_message(
            QueueUrl=out, MaxNumberOfMessages=10, WaitTimeSeconds=1
        )
        received.extend(json.loads(message["Body"]) for message in answer.get("Messages", []))
        return sum(len(report["bodies"]) for report in received) >= messages

    wait_until(probe, seconds)
    return sorted(received, key=lambda report: report["began"])


def most_at_once(invocations: list[dict[str, Any]]) -> int:
    spans = [(float(one["began"]), float(one["ended"])) for one in invocations]
    return max(sum(begin <= at < end for begin, end in spans) for at, _ in spans)


def send(clients: Clients, url: str, messages: list[str], **options: str) -> None:
    for message in messages:
        clients.sqs.send_message(QueueUrl=url, MessageBody=message, **options)


def send_fifo(clients: Clients, url: str, group: str, messages: list[str]) -> None:
    for message in messages:
        send(
            clients,
            url,
            [message],
            MessageGroupId=group,
            MessageDeduplicationId=uuid.uuid4().hex,
        )


def reserve(clients: Clients, function: Function, concurrency: int) -> None:
    clients.lambda_.put_function_concurrency(
        FunctionName=function.name, ReservedConcurrentExecutions=concurrency
    )


# -- scaling -----------------------------------------------------------------------------------


def test_mapping_without_maximum_concurrency_outgrows_five_while_there_is_a_backlog(
    clients: Clients, deploy: Deploy, queue_of: QueueOf, connect: Connect
) -> None:
    (url, arn), (out, _) = queue_of(VisibilityTimeout="60"), queue_of()
    send(clients, url, [str(number) for number in range(16)])
    connect(arn, deploy(REPORT, timeout=30, OUT=out, SECONDS="4"), BatchSize=1)
    assert most_at_once(reports(clients, out, 16, 60)) > 5


# -- batches -----------------------------------------------------------------------------------


def test_batch_waits_for_the_end_of_its_window(
    clients: Clients, deploy: Deploy, queue_of: QueueOf, connect: Connect
) -> None:
    (url, arn), (out, _) = queue_of(VisibilityTimeout="60"), queue_of()
    send(clients, url, [str(number) for number in range(25)])
    function = deploy(REPORT, timeout=10, OUT=out)
    created = time.time()
    connect(arn, function, BatchSize=100, MaximumBatchingWindowInSeconds=2)
    [batch] = reports(clients, out, 25)
    assert batch["began"] - created >= 2
    assert sorted(batch["bodies"], key=int) == [str(number) for number in range(25)]


def test_full_batch_does_not_wait_for_its_window(
    clients: Clients, deploy: Deploy, queue_of: QueueOf, connect: Connect
) -> None:
    (url, arn), (out, _) = queue_of(VisibilityTimeout="400"), queue_of()
    send(clients, url, [str(number) for number in range(24)])
    function = deploy(REPORT, timeout=10, OUT=out)
    connect(arn, function, BatchSize=12, MaximumBatchingWindowInSeconds=300)
    assert [len(batch["bodies"]) for batch in reports(clients, out, 24)] == [12, 12]


def test_batch_stays_within_the_payload_limit(
    clients: Clients, deploy: Deploy, queue_of: QueueOf, connect: Connect
) -> None:
    (url, arn), (out, _) = queue_of(VisibilityTimeout="60"), queue_of()
    # two bytes a character in UTF-8, six in JSON's escapes
    send(clients, url, [f"{number}{'é' * 500_000}" for number in range(8)])
    connect(arn, deploy(REPORT, timeout=20, OUT=out))
    batches = reports(clients, out, 8)
    assert sorted(body[0] for batch in batches for body in batch["bodies"]) == list("01234567")
    assert max(batch["bytes"] for batch in batches) <= 6 * 1024 * 1024
    assert len(batches) == 2
    wait_until(lambda: messages_in(clients, url) == 0)


def test_disabling_ends_the_window_and_loses_nothing(
    clients: Clients, deploy: Deploy, queue_of: QueueOf, connect: Connect
) -> None:
    (url, arn), (out, _) = queue_of(VisibilityTimeout="400"), queue_of()
    function = deploy(REPORT, timeout=10, OUT=out)
    mapping = connect(arn, function, BatchSize=100, MaximumBatchingWindowInSeconds=300)
    send(clients, url, ["one", "two"])
    attribute = "ApproximateNumberOfMessagesNotVisible"
    wait_until(
        lambda: (
            clients.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=[attribute])[
                "Attributes"
            ][attribute]
            == "2"
        )
    )
    clients.lambda_.update_event_source_mapping(UUID=mapping, Enabled=False)
    [batch] = reports(clients, out, 2)
    assert sorted(batch["bodies"]) == ["one", "two"]


def test_binary_message_attribute_arrives_in_base64(
    clients: Clients, deploy: Deploy, queue_of: QueueOf, connect: Connect
) -> None:
    (url, arn), (out, _) = queue_of(VisibilityTimeout="30"), queue_of()
    code = REPORT.replace('record["body"][:100]', 'record["messageAttributes"]')
    connect(arn, deploy(code, timeout=20, OUT=out))
    clients.sqs.send_message(
        QueueUrl=url,
        MessageBody="body",
        MessageAttributes={"Raw": {"DataType": "Binary", "BinaryValue": b"\x00\xff"}},
    )
    [report] = reports(clients, out, 1)
    [attributes] = report["bodies"]
    assert attributes["Raw"]["binaryValue"] == "AP8="


# -- throttling --------------------------------------------------------------------------------


def test_reserved_concurrency_of_zero_refuses_an_invocation(
    clients: Clients, deploy: Deploy
) -> None:
    function = deploy("def handler(event, context): return event")
    reserve(clients, function, 0)
    with pytest.raises(clients.lambda_.exceptions.TooManyRequestsException) as refused:
        function.invoke()
    assert refused.value.response["ResponseMetadata"]["HTTPStatusCode"] == 429


def test_throttled_batch_is_tried_again(
    clients: Clients, deploy: Deploy, queue_of: QueueOf, connect: Connect
) -> None:
    (url, arn), (out, _) = queue_of(VisibilityTimeout="60"), queue_of()
    function = deploy(REPORT, timeout=10, OUT=out)
    reserve(clients, function, 0)
    connect(arn, function)
    send(clients, url, ["held"])
    deadline = time.monotonic() + 3
    while time.monotonic() < deadline:
        assert "Messages" not in clients.sqs.receive_message(QueueUrl=out, WaitTimeSeconds=1)
    reserve(clients, function, 1)
    [batch] = reports(clients, out, 1)
    assert batch["bodies"] == ["held"]


def test_throttled_batch_returns_to_the_queue_when_its_visibility_timeout_ends(
    clients: Clients, deploy: Deploy, queue_of: QueueOf, connect: Connect
) -> None:
    dlq, dlq_arn = queue_of()
    redrive = json.dumps({"deadLetterTargetArn": dlq_arn, "maxReceiveCount": "2"})
    url, arn = queue_of(VisibilityTimeout="2", RedrivePolicy=redrive)
    (out, _) = queue_of()
    function = deploy(REPORT, timeout=1, OUT=out)
    reserve(clients, function, 0)
    connect(arn, function)
    send(clients, url, ["throttled"])
    [dead] = receive(clients, dlq, 1, AttributeNames=["ApproximateReceiveCount"])
    assert dead["Body"] == "throttled"
    assert messages_in(clients, url) == 0


def test_reserved_concurrency_limits_the_mapping_and_every_message_is_handled(
    clients: Clients, deploy: Deploy, queue_of: QueueOf, connect: Connect
) -> None:
    (url, arn), (out, _) = queue_of(VisibilityTimeout="120"), queue_of()
    function = deploy(REPORT, timeout=10, OUT=out, SECONDS="0.5")
    reserve(clients, function, 2)
    connect(arn, function, BatchSize=1)
    send(clients, url, [str(number) for number in range(8)])
    invocations = reports(clients, out, 8, 60)
    assert most_at_once(invocations) == 2
    wait_until(lambda: messages_in(clients, url) == 0)


# -- FIFO queues -------------------------------------------------------------------------------


def test_fifo_groups_run_in_order_and_side_by_side(
    clients: Clients, deploy: Deploy, queue_of: QueueOf, connect: Connect
) -> None:
    (url, arn), (out, _) = queue_of(FifoQueue="true", VisibilityTimeout="60"), queue_of()
    for group in "ab":
        send_fifo(clients, url, group, [f'{{"in" :"{group}{number}" }}' for number in range(3)])
    connect(arn, deploy(REPORT, timeout=10, OUT=out, SECONDS="1"), BatchSize=1)
    invocations = reports(clients, out, 6)
    assert most_at_once(invocations) == 2
    for group in "ab":
        mine = [one for one in invocations if group in one["bodies"][0]]
        assert [one["bodies"] for one in mine] == [
            [f'{{"in" :"{group}{number}" }}'] for number in range(3)
        ]
        assert all(one["ended"] <= following["began"] for one, following in pairwise(mine))


def test_failed_fifo_message_holds_back_its_group(
    clients: Clients, deploy: Deploy, queue_of: QueueOf, connect: Connect
) -> None:
    (url, arn), (out, _) = queue_of(FifoQueue="true", VisibilityTimeout="2"), queue_of()
    code = """
    import boto3, os
    sqs = boto3.client("sqs")

    def handler(event, context):
        [record] = event["Records"]
        count = record["attributes"]["ApproximateReceiveCount"]
        sqs.send_message(QueueUrl=os.environ["OUT"], MessageBody=record["body"] + count)
        if record["body"] == "first" and count == "1":
            raise RuntimeError("fails once")
    """
    connect(arn, deploy(code, timeout=2, OUT=out), BatchSize=1)
    send_fifo(clients, url, "group", ["first", "second"])
    assert bodies(clients, out, 3) == ["first1", "first2", "second1"]


# -- filters -----------------------------------------------------------------------------------


def test_filter_passes_bodies_byte_for_byte_and_deletes_the_rest(
    clients: Clients, deploy: Deploy, queue_of: QueueOf, connect: Connect
) -> None:
    (url, arn), (out, _) = queue_of(VisibilityTimeout="60"), queue_of()
    pattern = json.dumps({"body": {"kind": ["wanted"]}})
    connect(
        arn,
        deploy(REPORT, timeout=10, OUT=out),
        FilterCriteria={"Filters": [{"Pattern": pattern}]},
    )
    wanted = '{ "kind":"wanted",\t"é" : "\\u00e9" }'
    send(clients, url, ['{"kind": "other"}', "no JSON", "5", wanted])
    assert [report["bodies"] for report in reports(clients, out, 1)] == [[wanted]]
    wait_until(lambda: messages_in(clients, url) == 0)


# -- the end of a mapping ----------------------------------------------------------------------


@pytest.mark.parametrize("ending", ["deleted", "disabled"])
def test_invocation_under_way_finishes_when_its_mapping_ends(
    clients: Clients, deploy: Deploy, queue_of: QueueOf, connect: Connect, ending: str
) -> None:
    (url, arn), (out, _) = queue_of(VisibilityTimeout="60"), queue_of()
    code = """
    import boto3, os, time
    sqs = boto3.client("sqs")

    def handler(event, context):
        sqs.send_message(QueueUrl=os.environ["OUT"], MessageBody="began")
        time.sleep(6)
        sqs.send_message(QueueUrl=os.environ["OUT"], MessageBody="ended")
    """
    mapping = connect(arn, deploy(code, timeout=30, OUT=out))
    send(clients, url, ["message"])
    assert bodies(clients, out, 1) == ["began"]
    if ending == "deleted":
        delete_mapping(clients, mapping)
    else:
        clients.lambda_.update_event_source_mapping(UUID=mapping, Enabled=False)
        wait_for_state(clients, mapping, "Disabled")
    assert bodies(clients, out, 1) == ["ended"]
    wait_until(lambda: messages_in(clients, url) == 0)


# -- what is refused ---------------------------------------------------------------------------


Refusal = Callable[[dict[str, str], dict[str, Any]], str]


@pytest.fixture
def refusal(clients: Clients, deploy: Deploy, queue_of: QueueOf, connect: Connect) -> Refusal:
    """refusal(queue attributes, mapping settings): why the mapping is not created."""

    def create(queue: dict[str, str], settings: dict[str, Any]) -> str:
        function = deploy("def handler(event, context): pass")
        _, arn = queue_of(**queue)
        with pytest.raises(clients.lambda_.exceptions.InvalidParameterValueException) as refused:
            connect(arn, function, **settings)
        return str(refused.value)

    return create


@pytest.mark.parametrize(
    ("queue", "settings", "reason"),
    [
        ({}, {"BatchSize": 11}, "batch window in seconds must be greater than 0"),
        ({}, {"ScalingConfig": {"MaximumConcurrency": 1001}}, "MaximumConcurrency"),
        ({"FifoQueue": "true"}, {"MaximumBatchingWindowInSeconds": 1}, "Batching window"),
        (
            {"FifoQueue": "true"},
            {"BatchSize": 11, "MaximumBatchingWindowInSeconds": 1},
            "FIFO queues",
        ),
        ({"VisibilityTimeout": "2"}, {}, "less than Function timeout"),
    ],
)
def test_mapping_beyond_the_limits_is_refused(
    refusal: Refusal, queue: dict[str, str], settings: dict[str, Any], reason: str
) -> None:
    assert reason in refusal(queue, settings)
