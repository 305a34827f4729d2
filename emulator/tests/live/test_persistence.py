"""What was deployed and sent survives LocalStack, whether it is stopped or killed by SIGKILL."""

import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from testing.functions import Function
from testing.http_apis import Api
from testing.queues import Queue
from testing.target import wait_until

from .own_localstack import OwnLocalStack, own_localstack

STACK = "apigatewayv2,cloudwatch,dynamodb,iam,lambda,logs,s3,sqs,sts"
STATE = Path("var", "lib", "localstack", "state", "serverless")

CODE = """
import boto3
def handler(event, context):
    print("called")
    for record in event.get("Records", []):
        boto3.client("dynamodb").put_item(TableName="table", Item={"id": {"S": record["body"]}})
    return "answer"
"""

HANGS_AT_FIRST = """
import pathlib, time
def handler(event, context):
    if event["Records"][0]["attributes"]["ApproximateReceiveCount"] == "1":
        pathlib.Path({began!r}).touch()
        time.sleep(300)
"""


@pytest.fixture
def queues(tmp_path: Path) -> Iterator[OwnLocalStack]:
    with own_localstack(tmp_path, SERVICES="sqs", PERSISTENCE="1") as started:
        yield started


@pytest.fixture
def stack(tmp_path: Path) -> Iterator[OwnLocalStack]:
    with own_localstack(tmp_path, SERVICES=STACK, PERSISTENCE="1") as started:
        yield started


def restart(localstack: OwnLocalStack, by: signal.Signals = signal.SIGKILL) -> None:
    localstack.stop(by)
    localstack.start()


def wait_until_saved(localstack: OwnLocalStack, service: str, name: str) -> None:
    """Everything but messages is saved within a second."""
    wait_until_in_file(localstack, f"{service}.snapshot", name)


def wait_until_in_file(localstack: OwnLocalStack, file: str, name: str) -> None:
    path = localstack.folder / STATE / file
    wait_until(lambda: path.exists() and name.encode() in path.read_bytes())


def create_queue(localstack: OwnLocalStack, **attributes: str) -> Queue:
    queue = localstack.queue_of(**attributes)
    wait_until_saved(localstack, "sqs", queue.name)
    return queue


def receive_all(queue: Queue) -> list[str]:
    bodies: list[str] = []
    while messages := queue.receive_now():
        bodies += [message["Body"] for message in messages]
    return bodies


def test_no_confirmed_message_is_lost_by_sigkill(queues: OwnLocalStack) -> None:
    queue = create_queue(queues)
    sent = [f"message {number}" for number in range(200)]
    for body in sent:
        queue.send(body)
    restart(queues)
    assert sorted(receive_all(queue)) == sorted(sent)


def test_deleted_and_purged_messages_stay_away(queues: OwnLocalStack) -> None:
    purged, queue = create_queue(queues), create_queue(queues)
    for body in ("a", "b"):
        queue.send(body)
        purged.send(body)
    queues.aws.sqs.purge_queue(QueueUrl=purged.url)
    deleted, _ = queue.receive(2, VisibilityTimeout=600)
    queue.delete_message(deleted)
    restart(queues)
    assert (purged.count(), queue.count()) == (0, 1)


def test_message_in_flight_returns_after_its_visibility_timeout(queues: OwnLocalStack) -> None:
    queue = create_queue(queues)
    queue.send("retried")
    [message] = queue.receive_now(VisibilityTimeout=600)
    queue.change_visibility(message, 30)
    restart(queues)
    assert queue.receive_now() == []
    [again] = queue.receive(seconds=60)
    assert again["MessageId"] == message["MessageId"]
    assert again["Attributes"]["ApproximateReceiveCount"] == "2"
    first_received = "ApproximateFirstReceiveTimestamp"
    assert again["Attributes"][first_received] == message["Attributes"][first_received]


def test_receipt_handle_from_before_deletes_the_message(queues: OwnLocalStack) -> None:
    queue = create_queue(queues)
    queue.send("done")
    [message] = queue.receive_now(VisibilityTimeout=600)
    restart(queues)
    assert queue.count() == 1
    queue.delete_message(message)
    assert queue.count() == 0


def test_message_group_stays_in_order(queues: OwnLocalStack) -> None:
    queue = create_queue(queues, FifoQueue="true", ContentBasedDeduplication="true")
    for body in ("1", "2", "2", "3"):
        queue.send(body, MessageGroupId="group")
    [first] = queue.receive_now(VisibilityTimeout=600, MaxNumberOfMessages=1)
    restart(queues)
    assert queue.receive_now() == []
    queue.send("2", MessageGroupId="group")
    queue.delete_message(first)
    assert receive_all(queue) == ["2", "3"]


def test_message_moved_to_the_dead_letter_queue_is_in_that_alone(queues: OwnLocalStack) -> None:
    queue, dlq = queues.queue_of.with_dlq(1, VisibilityTimeout="0")
    wait_until_saved(queues, "sqs", queue.name)
    queue.send("poison")
    assert receive_all(queue) == ["poison"]
    restart(queues)
    assert receive_all(queue) == []
    assert receive_all(dlq) == ["poison"]


@pytest.mark.parametrize("by", [signal.SIGTERM, signal.SIGKILL])
def test_dead_letters_go_back_to_the_queues_that_they_came_from(
    queues: OwnLocalStack, by: signal.Signals
) -> None:
    first, dlq = queues.queue_of.with_dlq(1, VisibilityTimeout="0")
    policy = first.attributes()["RedrivePolicy"]
    second = create_queue(queues, VisibilityTimeout="0", RedrivePolicy=policy)
    sent = {}
    for queue in (first, second):
        queue.send(queue.name, MessageGroupId="group")
        [sent[queue.name]] = queue.receive_now()
        assert receive_all(queue) == []
    restart(queues, by)
    for letter in dlq.receive(2, VisibilityTimeout=0):
        before = sent[letter["Body"]]["Attributes"]
        assert letter["Attributes"]["SentTimestamp"] == before["SentTimestamp"]
        assert letter["Attributes"]["MessageGroupId"] == "group"
        assert letter["Attributes"]["DeadLetterQueueSourceArn"].endswith(letter["Body"])
    queues.aws.sqs.start_message_move_task(SourceArn=dlq.arn)
    wait_until(lambda: dlq.count() == 0)
    restart(queues, by)
    assert (receive_all(first), receive_all(second)) == ([first.name], [second.name])


@pytest.mark.parametrize("by", [signal.SIGTERM, signal.SIGKILL])
def test_whole_stack_goes_on(stack: OwnLocalStack, by: signal.Signals) -> None:
    queue, function, api = deploy(stack)
    process(stack, queue, "before")
    assert api.get().text == "answer"
    wait_until(lambda: "called\n" in function.log())
    if by is signal.SIGKILL:
        wait_until_saved(stack, "apigatewayv2", "$default")
        wait_until_saved(stack, "lambda", "lambda:InvokeFunction")
        wait_until_saved(stack, "logs", function.name)
        wait_until_in_file(stack, "log-events.journal", "called")
    restart(stack, by)
    assert "called\n" in function.log()
    assert api.get().text == "answer"
    assert "before" in stored(stack)
    process(stack, queue, "after")


def test_message_whose_invocation_died_with_localstack_does_not_wait(
    stack: OwnLocalStack, tmp_path: Path
) -> None:
    """The visibility timeout is ten times as long as the test waits."""
    began = tmp_path / "began"
    function = stack.deploy(HANGS_AT_FIRST.format(began=str(began)), timeout=300)
    queue = create_queue(stack, VisibilityTimeout="600")
    stack.aws.lambda_.create_event_source_mapping(
        EventSourceArn=queue.arn, FunctionName=function.name
    )
    wait_until_saved(stack, "lambda", queue.name)
    queue.send("retried")
    wait_until(began.exists, seconds=30)
    restart(stack)
    wait_until(lambda: queue.count() == 0, seconds=60)


def deploy(stack: OwnLocalStack) -> tuple[Queue, Function, Api]:
    """A queue whose messages a function stores in a table, and an HTTP API for the function."""
    stack.aws.dynamodb.create_table(
        TableName="table",
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    function = stack.deploy(CODE, timeout=20)
    queue = create_queue(stack, VisibilityTimeout="30")
    stack.aws.lambda_.create_event_source_mapping(
        EventSourceArn=queue.arn, FunctionName=function.name
    )
    return queue, function, stack.api_of({"$default": function})


def process(stack: OwnLocalStack, queue: Queue, body: str) -> None:
    queue.send(body)
    wait_until(lambda: body in stored(stack), seconds=60)


def stored(stack: OwnLocalStack) -> set[str]:
    return {item["id"]["S"] for item in stack.aws.dynamodb.scan(TableName="table")["Items"]}


def test_damaged_state_is_refused_and_forgotten(queues: OwnLocalStack) -> None:
    create_queue(queues)
    before = queues.get("/_localstack/state")
    queues.stop(signal.SIGTERM)
    snapshot = queues.folder / STATE / "sqs.snapshot"
    content = bytearray(snapshot.read_bytes())
    content[-2] ^= 1
    snapshot.write_bytes(content)
    queues.start()
    after = queues.get("/_localstack/state")
    assert after["refused"] == "sqs.snapshot is damaged: its checksum differs"
    assert after["id"] != before["id"]
    assert queues.aws.sqs.list_queues().get("QueueUrls", []) == []
