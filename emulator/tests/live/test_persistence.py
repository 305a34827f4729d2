"""What was deployed and sent is there again after LocalStack ended, in order or by SIGKILL."""

import io
import signal
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from .deploying import ROLE, wait_until
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
    """What is not a message is saved within a second."""
    path = localstack.folder / STATE / f"{service}.snapshot"
    wait_until(lambda: path.exists() and name.encode() in path.read_bytes())


def create_queue(localstack: OwnLocalStack, name: str, **attributes: str) -> str:
    url = localstack.client("sqs").create_queue(QueueName=name, Attributes=attributes)["QueueUrl"]
    wait_until_saved(localstack, "sqs", f":{name}")
    return str(url)


def receive(localstack: OwnLocalStack, url: str, **options: Any) -> list[dict[str, Any]]:
    answer = localstack.client("sqs").receive_message(
        QueueUrl=url, MaxNumberOfMessages=10, AttributeNames=["All"], **options
    )
    return list(answer.get("Messages", []))


def receive_all(localstack: OwnLocalStack, url: str) -> list[str]:
    bodies: list[str] = []
    while messages := receive(localstack, url):
        bodies += [message["Body"] for message in messages]
    return bodies


def test_no_confirmed_message_is_lost_by_sigkill(queues: OwnLocalStack) -> None:
    url = create_queue(queues, "queue")
    sqs = queues.client("sqs")
    sent = [f"message {number}" for number in range(200)]
    for body in sent:
        sqs.send_message(QueueUrl=url, MessageBody=body)
    restart(queues)
    assert sorted(receive_all(queues, url)) == sorted(sent)


def test_deleted_and_purged_messages_stay_away(queues: OwnLocalStack) -> None:
    purged, url = create_queue(queues, "purged"), create_queue(queues, "queue")
    sqs = queues.client("sqs")
    for body in ("a", "b"):
        sqs.send_message(QueueUrl=url, MessageBody=body)
        sqs.send_message(QueueUrl=purged, MessageBody=body)
    sqs.purge_queue(QueueUrl=purged)
    deleted = receive(queues, url)[0]
    sqs.delete_message(QueueUrl=url, ReceiptHandle=deleted["ReceiptHandle"])
    for handle in (m["ReceiptHandle"] for m in receive(queues, url)):
        sqs.change_message_visibility(QueueUrl=url, ReceiptHandle=handle, VisibilityTimeout=0)
    restart(queues)
    assert receive_all(queues, purged) == []
    assert receive_all(queues, url) == []


def test_message_in_flight_returns_after_its_visibility_timeout(queues: OwnLocalStack) -> None:
    url = create_queue(queues, "queue")
    sqs = queues.client("sqs")
    sqs.send_message(QueueUrl=url, MessageBody="retried")
    [message] = receive(queues, url, VisibilityTimeout=600)
    sqs.change_message_visibility(
        QueueUrl=url, ReceiptHandle=message["ReceiptHandle"], VisibilityTimeout=30
    )
    restart(queues)
    assert receive(queues, url) == []
    [again] = wait_until(lambda: receive(queues, url), seconds=60)
    assert again["MessageId"] == message["MessageId"]
    assert again["Attributes"]["ApproximateReceiveCount"] == "2"
    first_received = "ApproximateFirstReceiveTimestamp"
    assert again["Attributes"][first_received] == message["Attributes"][first_received]


def test_receipt_handle_from_before_deletes_the_message(queues: OwnLocalStack) -> None:
    url = create_queue(queues, "queue")
    queues.client("sqs").send_message(QueueUrl=url, MessageBody="done")
    [message] = receive(queues, url, VisibilityTimeout=600)
    restart(queues)
    sqs = queues.client("sqs")
    sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
    attribute = "ApproximateNumberOfMessagesNotVisible"
    left = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=[attribute])["Attributes"]
    assert left[attribute] == "0"


def test_message_group_stays_in_order(queues: OwnLocalStack) -> None:
    url = create_queue(queues, "queue.fifo", FifoQueue="true", ContentBasedDeduplication="true")
    sqs = queues.client("sqs")
    for body in ("1", "2", "2", "3"):
        sqs.send_message(QueueUrl=url, MessageBody=body, MessageGroupId="group")
    [first] = sqs.receive_message(QueueUrl=url, VisibilityTimeout=600)["Messages"]
    restart(queues)
    assert receive(queues, url) == []
    sqs.send_message(QueueUrl=url, MessageBody="2", MessageGroupId="group")
    sqs.delete_message(QueueUrl=url, ReceiptHandle=first["ReceiptHandle"])
    assert receive_all(queues, url) == ["2", "3"]


def test_message_moved_to_the_dead_letter_queue_is_in_that_alone(queues: OwnLocalStack) -> None:
    dlq = create_queue(queues, "dlq")
    policy = (
        '{"deadLetterTargetArn": "arn:aws:sqs:us-east-1:000000000000:dlq", "maxReceiveCount": 1}'
    )
    url = create_queue(queues, "queue", RedrivePolicy=policy, VisibilityTimeout="0")
    queues.client("sqs").send_message(QueueUrl=url, MessageBody="poison")
    assert receive_all(queues, url) == ["poison"]
    restart(queues)
    assert receive_all(queues, url) == []
    assert receive_all(queues, dlq) == ["poison"]


@pytest.mark.parametrize("by", [signal.SIGTERM, signal.SIGKILL])
def test_whole_stack_goes_on(stack: OwnLocalStack, by: signal.Signals) -> None:
    url, api = deploy(stack)
    process(stack, url, "before")
    assert requests.get(f"{api}/", timeout=30).text == "answer"
    wait_until(lambda: is_logged(stack))
    if by is signal.SIGKILL:
        wait_until_saved(stack, "apigatewayv2", "$default")
        wait_until_saved(stack, "lambda", "lambda:InvokeFunction")
        wait_until_saved(stack, "logs", "called")
    restart(stack, by)
    assert is_logged(stack)
    assert requests.get(f"{api}/", timeout=30).text == "answer"
    assert "before" in stored(stack)
    process(stack, url, "after")


def deploy(stack: OwnLocalStack) -> tuple[str, str]:
    """A queue whose messages a function stores in a table; and an HTTP API before the function.
    Returns their URLs."""
    stack.client("dynamodb").create_table(
        TableName="table",
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    function = create_function(stack)
    url = create_queue(stack, "queue", VisibilityTimeout="30")
    functions = stack.client("lambda")
    functions.create_event_source_mapping(
        EventSourceArn="arn:aws:sqs:us-east-1:000000000000:queue", FunctionName="fn"
    )
    v2 = stack.client("apigatewayv2")
    api = v2.create_api(Name="api", ProtocolType="HTTP", Target=function)
    v2.create_stage(ApiId=api["ApiId"], StageName="$default", AutoDeploy=True)
    integration = v2.create_integration(
        ApiId=api["ApiId"],
        IntegrationType="AWS_PROXY",
        IntegrationUri=function,
        PayloadFormatVersion="2.0",
    )
    target = f"integrations/{integration['IntegrationId']}"
    v2.create_route(ApiId=api["ApiId"], RouteKey="$default", Target=target)
    functions.add_permission(
        FunctionName="fn",
        StatementId="api",
        Action="lambda:InvokeFunction",
        Principal="apigateway.amazonaws.com",
    )
    return url, str(api["ApiEndpoint"])


def create_function(stack: OwnLocalStack) -> str:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as package:
        package.writestr("fn.py", CODE)
    functions = stack.client("lambda")
    created = functions.create_function(
        FunctionName="fn",
        Runtime="python3.11",
        Role=ROLE,
        Handler="fn.handler",
        Code={"ZipFile": archive.getvalue()},
        Timeout=20,
    )
    wait_until(
        lambda: functions.get_function(FunctionName="fn")["Configuration"]["State"] == "Active"
    )
    return str(created["FunctionArn"])


def process(stack: OwnLocalStack, url: str, body: str) -> None:
    stack.client("sqs").send_message(QueueUrl=url, MessageBody=body)
    wait_until(lambda: body in stored(stack), seconds=60)


def is_logged(stack: OwnLocalStack) -> bool:
    logs = stack.client("logs")
    try:
        events = logs.filter_log_events(logGroupName="/aws/lambda/fn")["events"]
    except logs.exceptions.ResourceNotFoundException:
        return False
    return any(event["message"] == "called\n" for event in events)


def stored(stack: OwnLocalStack) -> set[str]:
    return {item["id"]["S"] for item in stack.client("dynamodb").scan(TableName="table")["Items"]}


def test_damaged_state_is_refused_and_forgotten(queues: OwnLocalStack) -> None:
    create_queue(queues, "queue")
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
    assert queues.client("sqs").list_queues().get("QueueUrls", []) == []
