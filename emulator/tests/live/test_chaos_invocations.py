"""Invocations that fail, start late, or lose their process."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor

from testing.chaos import Chaos
from testing.consumers import ConsumerFactory
from testing.functions import Function, FunctionFactory
from testing.queues import QueueFactory
from testing.target import Target

SENDER = """
import boto3, os
sqs = boto3.client("sqs")
def handler(event, context):
    sqs.send_message(QueueUrl=os.environ["QUEUE"], MessageBody="x")
    return "sent"
"""
PID = """
import os
def handler(event, context): return os.getpid()
"""
SLEEPER = """
import os, time
def handler(event, context):
    time.sleep(event)
    return os.getpid()
"""


def strike(chaos: Chaos, function: Function, action: str, **options: object) -> None:
    invocation = {"action": action, **options}
    chaos.add(service="lambda", resource=function.name, invocation=invocation)


def test_invocation_fails_before_the_handler_runs(
    chaos: Chaos, deploy: FunctionFactory, queue_of: QueueFactory
) -> None:
    queue = queue_of()
    function = deploy(SENDER, QUEUE=queue.url)
    strike(chaos, function, "aws:lambda:invocation-error", preventExecution=True)
    payload, error = function.invoke()
    assert error == "Unhandled"
    assert payload["errorMessage"] == "Operation failed due to a simulated fault"
    assert queue.receive_now(WaitTimeSeconds=1) == []
    chaos.heal()
    assert function.invoke() == ("sent", None)


def test_invocation_fails_after_the_handler_ran(
    chaos: Chaos, deploy: FunctionFactory, queue_of: QueueFactory
) -> None:
    queue = queue_of()
    function = deploy(SENDER, QUEUE=queue.url)
    strike(chaos, function, "aws:lambda:invocation-error", preventExecution=False)
    assert function.invoke()[1] == "Unhandled"
    assert len(queue.receive()) == 1


def test_delay_counts_as_duration(chaos: Chaos, deploy: FunctionFactory) -> None:
    function = deploy(
        "def handler(event, context): return context.get_remaining_time_in_millis()", timeout=3
    )
    strike(chaos, function, "aws:lambda:invocation-add-delay", startupDelayMilliseconds=1000)
    remaining, error = function.invoke()
    assert error is None
    # whole milliseconds
    assert remaining <= 2000


def test_delay_beyond_the_timeout_is_a_timeout(chaos: Chaos, deploy: FunctionFactory) -> None:
    function = deploy(PID, timeout=1)
    before, _ = function.invoke()
    strike(chaos, function, "aws:lambda:invocation-add-delay", startupDelayMilliseconds=60000)
    began = time.monotonic()
    payload, error = function.invoke()
    assert 1 <= time.monotonic() - began < 20
    assert error == "Unhandled"
    assert payload["errorType"] == "Sandbox.Timedout"
    chaos.heal()
    assert function.invoke()[0] != before


def test_process_is_killed_in_the_middle(chaos: Chaos, deploy: FunctionFactory) -> None:
    function = deploy(SLEEPER, timeout=20)
    before, _ = function.invoke(0)
    strike(chaos, function, "kill", afterMilliseconds=300)
    payload, error = function.invoke(10)
    assert error == "Unhandled"
    assert payload["errorType"] == "Runtime.ExitError"
    assert payload["errorMessage"].endswith("Runtime exited with error: signal: killed")
    chaos.heal()
    assert function.invoke(0)[0] != before


def test_process_runs_out_of_memory(chaos: Chaos, deploy: FunctionFactory) -> None:
    function = deploy(SLEEPER, timeout=20)
    strike(chaos, function, "outOfMemory", afterMilliseconds=300)
    payload, error = function.invoke(10)
    assert error == "Unhandled"
    assert payload["errorType"] == "Runtime.OutOfMemory"


def test_all_environments_are_killed_at_once(
    aws: Target, chaos: Chaos, deploy: FunctionFactory
) -> None:
    function = deploy(SLEEPER, timeout=20)
    other = deploy(PID)
    untouched, _ = other.invoke()
    with ThreadPoolExecutor(3) as pool:
        invocations = [pool.submit(function.invoke, 15) for _ in range(3)]
        killed = aws.wait_until(lambda: chaos.kill(function.name))
        while not all(invocation.done() for invocation in invocations):
            killed += chaos.kill(function.name)
            threading.Event().wait(0.1)
    assert killed == 3
    assert {payload.result()[0]["errorType"] for payload in invocations} == {"Runtime.ExitError"}
    assert other.invoke()[0] == untouched


def test_batch_of_a_killed_process_comes_again(chaos: Chaos, consume: ConsumerFactory) -> None:
    consumer = consume("time.sleep(2)", retry_seconds=5)
    strike(chaos, consumer.function, "kill", afterMilliseconds=500)
    sent = consumer.source.send("x")
    consumer.source.aws.wait_until(lambda: "signal: killed" in consumer.function.log())
    chaos.heal()
    [record] = consumer.records()
    assert record["messageId"] == sent
    assert int(record["attributes"]["ApproximateReceiveCount"]) > 1
