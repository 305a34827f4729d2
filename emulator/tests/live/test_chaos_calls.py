"""Faults of calls, from clients and from functions."""

import time
from collections.abc import Callable
from typing import Any

import pytest
import requests
from botocore.exceptions import ClientError, ConnectionClosedError

from testing.chaos import Chaos
from testing.functions import FunctionFactory
from testing.queues import Queue, QueueFactory
from testing.target import Target

# Makes the calls that the event names, one after the other, and returns their results.
CALLS = """
import boto3
from botocore.config import Config
clients = {}
def handler(event, context):
    return [call(*one) for one in event]
def call(service, operation, arguments):
    config = Config(retries={"total_max_attempts": 1})
    client = clients.setdefault(service, boto3.client(service, config=config))
    try:
        getattr(client, operation)(**arguments)
    except Exception as error:
        response = getattr(error, "response", None) or {}
        return response.get("Error", {}).get("Code", type(error).__name__)
    return "ok"
"""

Calls = Callable[..., list[str]]


@pytest.fixture
def calls(deploy: FunctionFactory) -> Calls:
    """calls([service, operation, arguments], ...): an error code, or ok, for each."""
    function = deploy(CALLS, timeout=20)

    def invoke(*event: Any) -> list[str]:
        return list(function.result(event))

    return invoke


def put(table: str) -> list[Any]:
    return ["dynamodb", "put_item", {"TableName": table, "Item": {"id": {"S": "1"}}}]


def get(table: str) -> list[Any]:
    return ["dynamodb", "get_item", {"TableName": table, "Key": {"id": {"S": "1"}}}]


def name_of(queue: Queue) -> str:
    return queue.url.rpartition("/")[2]


def test_rules_are_answered_as_they_were_given(chaos: Chaos) -> None:
    rule = {"service": "s3", "operation": "PutObject", "region": "eu-north-1", "probability": 0.5}
    chaos.add(**rule)
    given = {"seconds": 60, **rule}
    assert given in chaos.call("GET", "faults").json()
    assert given not in chaos.call("DELETE", "faults", [given]).json()


@pytest.mark.parametrize(
    ("name", "body", "problem"),
    [
        ("faults", [{"probability": 2}], "rule 0: probability: "),
        ("faults", {"service": "s3"}, "the body must be a list of rules"),
        ("effects", {"latency": -1}, "latency: "),
        ("effects", {"delay": 1}, "delay: there is no such field"),
        ("seed", {"seed": "x"}, "seed: "),
        ("kill", {}, "function: Field required"),
        ("kill", {"function": "nobody"}, "function: there is no function 'nobody'"),
    ],
)
def test_refusal_names_the_field(chaos: Chaos, name: str, body: Any, problem: str) -> None:
    answer = chaos.call("POST", name, body)
    assert answer.status_code == 400
    assert answer.json()["error"].startswith(problem)


def test_service_answers_with_the_error_of_the_rule(chaos: Chaos, queue_of: QueueFactory) -> None:
    queue = queue_of()
    error = {"statusCode": 429, "code": "Throttled"}
    chaos.add(service="sqs", operation="SendMessage", resource=name_of(queue), error=error)
    with pytest.raises(ClientError) as raised:
        queue.send("x")
    response = raised.value.response
    assert response["Error"]["Code"] == "Throttled"
    assert response["Error"]["Message"] == "Operation failed due to a simulated fault"
    assert response["ResponseMetadata"]["HTTPStatusCode"] == 429
    assert queue.count() == 0
    chaos.heal()
    queue.send("x")
    assert queue.count() == 1


def test_rule_is_for_its_region_and_resource_alone(chaos: Chaos, queue_of: QueueFactory) -> None:
    queue, other = queue_of(), queue_of()
    send = {"service": "sqs", "operation": "SendMessage"}
    chaos.add(**send, region="eu-north-1", resource=name_of(queue))
    chaos.add(**send, resource=name_of(other))
    queue.send("x")
    with pytest.raises(ClientError, match="ServiceUnavailable"):
        other.send("x")


def test_rule_ends_by_itself(aws: Target, chaos: Chaos, queue_of: QueueFactory) -> None:
    queue = queue_of()
    chaos.add(service="sqs", resource=name_of(queue), operation="SendMessage", seconds=1)

    def is_healed() -> bool:
        try:
            return bool(queue.send("x"))
        except ClientError:
            return False

    assert not is_healed()
    aws.wait_until(is_healed)


def test_lost_response_is_of_a_call_that_took_effect(chaos: Chaos, queue_of: QueueFactory) -> None:
    queue = queue_of()
    chaos.add(service="sqs", operation="SendMessage", resource=name_of(queue), loseResponse=True)
    with pytest.raises(ConnectionClosedError):
        queue.send("lost")
    [message] = queue.receive()
    assert message["Body"] == "lost"


def test_functions_meet_faults(chaos: Chaos, table: str, calls: Calls) -> None:
    error = {"statusCode": 400, "code": "ProvisionedThroughputExceededException"}
    assert calls(put(table), get(table)) == ["ok", "ok"]
    chaos.add(service="dynamodb", operation="PutItem", resource=table, error=error)
    assert calls(put(table), get(table)) == [error["code"], "ok"]
    chaos.heal()
    assert calls(put(table), get(table)) == ["ok", "ok"]


def test_functions_lose_responses(
    aws: Target, chaos: Chaos, table: str, calls: Calls, queue_of: QueueFactory
) -> None:
    queue = queue_of()
    send = ["sqs", "send_message", {"QueueUrl": queue.url, "MessageBody": "lost"}]
    chaos.add(resource=table, operation="PutItem", loseResponse=True)
    chaos.add(resource=name_of(queue), operation="SendMessage", loseResponse=True)
    assert calls(put(table), send) == ["ConnectionClosedError"] * 2
    assert aws.dynamodb.get_item(TableName=table, Key={"id": {"S": "1"}})["Item"]
    assert len(queue.receive()) == 1


def test_latency_holds_calls_up(chaos: Chaos, queue_of: QueueFactory) -> None:
    queue = queue_of()
    latency = {"latency": 400, "seconds": 10}
    try:
        assert chaos.call("POST", "effects", latency).json() == latency
        began = time.monotonic()
        queue.send("x")
        assert time.monotonic() - began >= 0.4
    finally:
        assert chaos.call("DELETE", "effects").json() == {"latency": 0}


def test_seed_is_told(chaos: Chaos) -> None:
    assert chaos.call("POST", "seed", {"seed": 7}).json() == {"seed": 7}
    assert chaos.call("GET", "seed").json() == {"seed": 7}


def test_localstack_itself_meets_no_fault(
    aws: Target, chaos: Chaos, deploy: FunctionFactory
) -> None:
    function = deploy("def handler(event, context): print('hello')")
    chaos.add(service="logs", operation="PutLogEvents")
    chaos.add(service="logs", operation="CreateLogStream")
    chaos.add(service="sts")
    assert requests.get(f"{aws.endpoint}/_localstack/health", timeout=10).ok
    assert function.invoke() == (None, None)
    aws.wait_until(lambda: "hello" in function.log())
