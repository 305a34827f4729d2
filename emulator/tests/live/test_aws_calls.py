"""A function's calls of SQS and DynamoDB, which do not pass LocalStack's gateway."""

from collections.abc import Callable
from typing import Any

import pytest

from testing.functions import FunctionFactory
from testing.queues import QueueFactory
from testing.target import Target

# Makes the call that the event names, and returns its result.
CALL = """
import boto3
from botocore.exceptions import ClientError
clients = {}
def handler(event, context):
    service, operation, arguments = event
    client = clients.setdefault(service, boto3.client(service))
    if arguments.get("MessageAttributes", {}).get("binary"):
        arguments["MessageAttributes"] = {"b": {"DataType": "Binary", "BinaryValue": b"\\x00"}}
    try:
        answer = getattr(client, operation)(**arguments)
    except ClientError as error:
        status = error.response["ResponseMetadata"]["HTTPStatusCode"]
        return {"code": error.response["Error"]["Code"], "status": status}
    del answer["ResponseMetadata"]
    return answer
"""
WHERE = """
import os
def handler(event, context):
    return [os.environ.get("AWS_ENDPOINT_URL_SQS"), os.environ.get("AWS_ENDPOINT_URL_DYNAMODB")]
"""

Call = Callable[..., Any]


@pytest.fixture
def call(deploy: FunctionFactory) -> Call:
    """call(service, operation, **arguments): the response that the function gets."""
    function = deploy(CALL, timeout=20)

    def invoke(service: str, operation: str, **arguments: Any) -> Any:
        return function.result([service, operation, arguments])

    return invoke


def test_sent_message_is_in_the_queue(queue_of: QueueFactory, call: Call) -> None:
    queue = queue_of()
    body = '{ "a" : 1.0, "é": "\\u00e9" }'
    sent = call("sqs", "send_message", QueueUrl=queue.url, MessageBody=body)
    [received] = queue.receive()
    assert (received["MessageId"], received["Body"]) == (sent["MessageId"], body)


def test_batch_response_names_the_entries_that_failed(queue_of: QueueFactory, call: Call) -> None:
    queue = queue_of()
    call("sqs", "send_message", QueueUrl=queue.url, MessageBody="x")
    [message] = call("sqs", "receive_message", QueueUrl=queue.url, WaitTimeSeconds=5)["Messages"]
    entries = [
        {"Id": "good", "ReceiptHandle": message["ReceiptHandle"]},
        {"Id": "bad", "ReceiptHandle": "none"},
    ]
    answer = call("sqs", "delete_message_batch", QueueUrl=queue.url, Entries=entries)
    assert [entry["Id"] for entry in answer["Successful"]] == ["good"]
    assert [entry["Id"] for entry in answer["Failed"]] == ["bad"]


def test_errors_are_those_of_the_service(queue_of: QueueFactory, call: Call) -> None:
    queue = queue_of()
    call("sqs", "send_message", QueueUrl=queue.url, MessageBody="x")
    missing = call("sqs", "send_message", QueueUrl=f"{queue.url}-none", MessageBody="x")
    assert missing == {"code": "AWS.SimpleQueueService.NonExistentQueue", "status": 400}
    assert call("sqs", "send_message", QueueUrl=queue.url, MessageBody="")["status"] == 400


def test_attributes_are_those_of_the_queue(queue_of: QueueFactory, call: Call) -> None:
    queue = queue_of(VisibilityTimeout="77")
    names = ["VisibilityTimeout", "ApproximateNumberOfMessages"]
    for expected in ("0", "1"):
        assert call("sqs", "get_queue_attributes", QueueUrl=queue.url, AttributeNames=names) == {
            "Attributes": {"VisibilityTimeout": "77", "ApproximateNumberOfMessages": expected}
        }
        # the same client, so on the same connection
        call("sqs", "send_message", QueueUrl=queue.url, MessageBody="x")
    assert call("sqs", "get_queue_url", QueueName=queue.name)["QueueUrl"].endswith(queue.name)


def test_calls_that_wait_do_not_hold_up_the_others(queue_of: QueueFactory, call: Call) -> None:
    queue = queue_of()
    assert call("sqs", "receive_message", QueueUrl=queue.url, WaitTimeSeconds=1) == {}
    call("sqs", "send_message", QueueUrl=queue.url, MessageBody="after")
    assert queue.receive()


def test_binary_attributes_arrive(queue_of: QueueFactory, call: Call) -> None:
    queue = queue_of()
    call(
        "sqs",
        "send_message",
        QueueUrl=queue.url,
        MessageBody="x",
        MessageAttributes={"binary": True},
    )
    [received] = queue.receive()
    assert received["MessageAttributes"]["b"]["BinaryValue"] == b"\x00"


def test_item_is_written_once_by_a_condition(aws: Target, table: str, call: Call) -> None:
    put = {
        "TableName": table,
        "Item": {"id": {"S": "1"}, "text": {"S": "é"}},
        "ConditionExpression": "attribute_not_exists(id)",
    }
    assert call("dynamodb", "put_item", **put) == {}
    assert call("dynamodb", "put_item", **put) == {
        "code": "ConditionalCheckFailedException",
        "status": 400,
    }
    # what the gateway sees is what the function wrote
    item = aws.dynamodb.get_item(TableName=table, Key={"id": {"S": "1"}})["Item"]
    assert item == put["Item"]
    assert call("dynamodb", "scan", TableName=table)["Items"] == [put["Item"]]


def test_endpoint_of_the_functions_own_choice_stays(deploy: FunctionFactory) -> None:
    function = deploy(WHERE, AWS_ENDPOINT_URL="http://localhost:4566")
    assert function.invoke()[0] == [None, None]
