"""Versions and aliases, asynchronous invocations, reserved concurrency."""

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from testing.functions import (
    ECHO,
    Function,
    FunctionFactory,
    answering,
    reserve_concurrency,
)
from testing.queues import QueueFactory
from testing.target import Target, unique_name

from .docs import (
    ALIAS_ROUTING,
    ALIASES,
    ASYNC,
    ASYNC_RECORDS,
    CONCURRENCY,
    INVOKE,
    VERSIONS,
    cites,
)

pytestmark = pytest.mark.group("Execution environment")

Shared = Callable[[str], Function]


@cites(VERSIONS)
def test_version_keeps_the_code_it_was_published_with(deploy: FunctionFactory) -> None:
    function = deploy(answering("'old'"))
    version = function.publish()
    function.update_code(answering("'new'"))
    assert function.invoke(None, Qualifier=version) == ("old", None)
    assert function.invoke(None, Qualifier="$LATEST") == ("new", None)


@cites(VERSIONS)
def test_version_keeps_the_configuration_it_was_published_with(deploy: FunctionFactory) -> None:
    function = deploy("import os\ndef handler(event, context): return os.environ['X']", X="old")
    version = function.publish()
    function.configure(Environment={"Variables": {"X": "new"}})
    assert function.invoke(None, Qualifier=version) == ("old", None)
    assert function.invoke() == ("new", None)


@cites(VERSIONS)
def test_version_without_change_is_not_published_anew(deploy: FunctionFactory) -> None:
    function = deploy(ECHO)
    first = function.publish()
    assert function.publish() == first
    function.update_code(answering("1"))
    assert function.publish() != first


@cites(VERSIONS)
def test_unqualified_invocation_is_one_of_latest(aws: Target, deploy: FunctionFactory) -> None:
    function = deploy(answering("context.function_version"))
    function.publish()
    answer = aws.lambda_.invoke(FunctionName=function.name)
    assert answer["ExecutedVersion"] == "$LATEST"
    assert json.loads(answer["Payload"].read()) == "$LATEST"


@cites(ALIASES)
def test_alias_invokes_the_version_that_it_points_to(aws: Target, deploy: FunctionFactory) -> None:
    function = deploy(answering("[context.function_version, context.invoked_function_arn]"))
    version = function.publish()
    aws.lambda_.create_alias(FunctionName=function.name, Name="live", FunctionVersion=version)
    assert function.invoke(None, Qualifier="live") == ([version, f"{function.arn}:live"], None)


@cites(ALIASES)
def test_alias_can_be_moved_to_another_version(aws: Target, deploy: FunctionFactory) -> None:
    function = deploy(answering("'first'"))
    alias = {"FunctionName": function.name, "Name": "live"}
    aws.lambda_.create_alias(**alias, FunctionVersion=function.publish())
    function.update_code(answering("'second'"))
    aws.lambda_.update_alias(**alias, FunctionVersion=function.publish())
    aws.wait_until(lambda: function.invoke(None, Qualifier="live") == ("second", None))


@cites(ALIAS_ROUTING)
def test_weighted_alias_splits_between_two_versions(aws: Target, deploy: FunctionFactory) -> None:
    function = deploy(answering("'first'"))
    first = function.publish()
    function.update_code(answering("'second'"))
    aws.lambda_.create_alias(
        FunctionName=function.name,
        Name="live",
        FunctionVersion=first,
        RoutingConfig={"AdditionalVersionWeights": {function.publish(): 0.5}},
    )
    # the probability that one of them gets none of 40 invocations is 2^-39
    answers = {function.invoke(None, Qualifier="live")[0] for _ in range(40)}
    assert answers == {"first", "second"}


@cites(INVOKE)
def test_unknown_qualifier_is_not_found(aws: Target, shared: Shared) -> None:
    with pytest.raises(aws.lambda_.exceptions.ResourceNotFoundException):
        shared(ECHO).invoke(None, Qualifier="none")


@cites(INVOKE)
def test_unknown_function_is_not_found(aws: Target) -> None:
    with pytest.raises(aws.lambda_.exceptions.ResourceNotFoundException):
        aws.lambda_.invoke(FunctionName=unique_name())


@cites(INVOKE)
def test_payload_that_is_no_json_is_refused(aws: Target, shared: Shared) -> None:
    with pytest.raises(aws.lambda_.exceptions.InvalidRequestContentException):
        aws.lambda_.invoke(FunctionName=shared(ECHO).name, Payload=b"{")


@cites(INVOKE)
def test_dry_run_does_not_invoke(aws: Target, shared: Shared) -> None:
    answer = aws.lambda_.invoke(FunctionName=shared(ECHO).name, InvocationType="DryRun")
    assert (answer["StatusCode"], answer["Payload"].read()) == (204, b"")


@cites(ASYNC)
def test_asynchronous_invocation_is_accepted_and_runs_later(
    aws: Target, deploy: FunctionFactory
) -> None:
    function = deploy("def handler(event, context): print('said', event)")
    answer = aws.lambda_.invoke(
        FunctionName=function.name, InvocationType="Event", Payload=b'"this"'
    )
    assert (answer["StatusCode"], answer["Payload"].read()) == (202, b"")
    aws.wait_until(lambda: "said this" in function.log())


def send_records(aws: Target, function: Function, **destinations: str) -> None:
    """Send the records of asynchronous invocations, which are not retried, to queues."""
    aws.lambda_.put_function_event_invoke_config(
        FunctionName=function.name,
        MaximumRetryAttempts=0,
        DestinationConfig={name: {"Destination": arn} for name, arn in destinations.items()},
    )


@cites(ASYNC_RECORDS)
def test_failed_asynchronous_invocation_goes_to_its_destination(
    aws: Target, deploy: FunctionFactory, queue_of: QueueFactory
) -> None:
    function, queue = deploy(answering("1 / 0")), queue_of()
    send_records(aws, function, OnFailure=queue.arn)
    aws.lambda_.invoke(FunctionName=function.name, InvocationType="Event", Payload=b'{"k": 1}')
    record = json.loads(queue.receive()[0]["Body"])
    assert record["requestPayload"] == {"k": 1}
    assert record["requestContext"]["condition"] == "RetriesExhausted"
    assert record["requestContext"]["approximateInvokeCount"] == 1
    assert record["responseContext"]["functionError"] == "Unhandled"
    assert record["responsePayload"]["errorType"] == "ZeroDivisionError"


@cites(ASYNC_RECORDS)
def test_successful_asynchronous_invocation_goes_to_its_destination(
    aws: Target, deploy: FunctionFactory, queue_of: QueueFactory
) -> None:
    function, queue = deploy(ECHO), queue_of()
    send_records(aws, function, OnSuccess=queue.arn)
    aws.lambda_.invoke(FunctionName=function.name, InvocationType="Event", Payload=b'{"k": 1}')
    record = json.loads(queue.receive()[0]["Body"])
    assert record["requestContext"]["condition"] == "Success"
    assert (record["requestPayload"], record["responsePayload"]) == ({"k": 1}, {"k": 1})


@cites(CONCURRENCY)
def test_function_without_concurrency_is_throttled(aws: Target, deploy: FunctionFactory) -> None:
    function = deploy(ECHO)
    reserve_concurrency(function, 0)
    with pytest.raises(aws.lambda_.exceptions.TooManyRequestsException) as throttled:
        aws.wait_until(lambda: not function.invoke())
    assert throttled.value.response["ResponseMetadata"]["HTTPStatusCode"] == 429


@cites(CONCURRENCY)
def test_invocations_over_the_reserved_concurrency_are_throttled(
    aws: Target, deploy: FunctionFactory
) -> None:
    code = "import time\ndef handler(event, context): time.sleep(2)"
    function = deploy(code, timeout=20)
    reserve_concurrency(function, 1)

    def invoke(_: int) -> str:
        try:
            function.invoke()
        except aws.lambda_.exceptions.TooManyRequestsException:
            return "throttled"
        return "ran"

    with ThreadPoolExecutor(3) as pool:
        assert sorted(pool.map(invoke, range(3))) == ["ran", "throttled", "throttled"]


@cites(ASYNC)
def test_asynchronous_invocation_is_accepted_even_without_concurrency(
    aws: Target, deploy: FunctionFactory
) -> None:
    function = deploy(ECHO)
    reserve_concurrency(function, 0)
    answer = aws.lambda_.invoke(FunctionName=function.name, InvocationType="Event")
    assert answer["StatusCode"] == 202
