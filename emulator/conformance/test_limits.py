"""Limits: values above them are refused, values below them are accepted."""

import time
from collections.abc import Callable
from contextlib import ExitStack
from typing import Any

import pytest
from botocore.exceptions import ClientError

from testing.consumers import ConsumerFactory
from testing.functions import ECHO, Function, FunctionFactory, answering, archive
from testing.http_apis import Api, ApiFactory
from testing.queues import QueueFactory
from testing.target import Target, unique_name

from .docs import (
    CHANGE_VISIBILITY,
    CREATE_FUNCTION,
    CREATE_MAPPING,
    DELAY_QUEUES,
    ENVIRONMENT_VARIABLES,
    HTTP_API_INTEGRATION,
    HTTP_API_QUOTAS,
    LAMBDA_QUOTAS,
    MAPPING_PARAMETERS,
    MESSAGE_QUOTAS,
    RECEIVE_MESSAGE,
    SEND_MESSAGE_BATCH,
    cites,
)

pytestmark = pytest.mark.group("Limits")

Shared = Callable[[str], Function]

MIB = 1024 * 1024
SIZE = answering("len(event)")


def error_code(call: Callable[..., Any], **parameters: Any) -> str:
    """The code of the error that the call must raise, without the protocol's prefix."""
    with pytest.raises(ClientError) as refused:
        call(**parameters)
    return str(refused.value.response["Error"]["Code"]).rpartition(".")[2]


@cites(HTTP_API_QUOTAS)
def test_headers_under_10240_bytes_pass(echo: Api) -> None:
    assert echo.get(headers={"X-1": "x" * 4500, "X-2": "x" * 4500}).status_code == 200


@cites(HTTP_API_QUOTAS)
def test_headers_over_10240_bytes_are_refused(echo: Api) -> None:
    answer = echo.get(headers={"X-1": "x" * 5200, "X-2": "x" * 5200})
    assert 400 <= answer.status_code < 500


@cites(HTTP_API_QUOTAS)
def test_request_body_over_10_mb_is_refused(echo: Api) -> None:
    assert echo.request("POST", data=b"x" * (10 * MIB + 1)).status_code == 413


@cites(HTTP_API_INTEGRATION)
def test_integration_that_takes_longer_than_its_timeout_fails(
    api_of: ApiFactory, deploy: FunctionFactory
) -> None:
    function = deploy("import time\ndef handler(event, context): time.sleep(4)", timeout=10)
    api = api_of.create()
    api.permit(function)
    api.add_route("$default", function.arn, TimeoutInMillis=500)
    api.add_stage()
    began = time.monotonic()
    assert api.get().status_code in (503, 504)
    assert time.monotonic() - began < 3


@cites(LAMBDA_QUOTAS)
def test_payload_under_6_mb_passes(shared: Shared) -> None:
    assert shared(SIZE).invoke("x" * (5 * MIB)) == (5 * MIB, None)


@cites(LAMBDA_QUOTAS)
def test_payload_over_6_mb_is_refused(shared: Shared) -> None:
    with pytest.raises(ClientError) as refused:
        shared(SIZE).invoke("x" * (7 * MIB))
    assert refused.value.response["Error"]["Code"] == "RequestTooLargeException"
    assert refused.value.response["ResponseMetadata"]["HTTPStatusCode"] == 413


@cites(LAMBDA_QUOTAS)
def test_asynchronous_payload_over_1_mb_is_refused(shared: Shared) -> None:
    with pytest.raises(ClientError) as refused:
        shared(SIZE).aws.lambda_.invoke(
            FunctionName=shared(SIZE).name,
            InvocationType="Event",
            Payload=b'"' + b"x" * (2 * MIB) + b'"',
        )
    assert refused.value.response["ResponseMetadata"]["HTTPStatusCode"] == 413


@cites(LAMBDA_QUOTAS)
def test_response_under_6_mb_passes(shared: Shared) -> None:
    payload, error = shared(answering("'x' * event")).invoke(5 * MIB)
    assert (len(payload), error) == (5 * MIB, None)


@cites(LAMBDA_QUOTAS)
def test_response_over_6_mb_is_an_error_of_the_function(shared: Shared) -> None:
    _, error = shared(answering("'x' * event")).invoke(7 * MIB)
    assert error == "Unhandled"


@cites(LAMBDA_QUOTAS)
@pytest.mark.parametrize(
    "settings",
    [
        pytest.param({"Timeout": 901}, id="a timeout over 15 minutes"),
        pytest.param({"MemorySize": 10241}, id="a memory size over 10240 MB"),
        pytest.param(
            {"Environment": {"Variables": {"X": "x" * 4096}}}, id="more than 4 KB of variables"
        ),
    ],
)
def test_function_may_not_have(aws: Target, shared: Shared, settings: dict[str, Any]) -> None:
    code = error_code(
        aws.lambda_.update_function_configuration,
        FunctionName=shared(answering("'refused'")).name,
        **settings,
    )
    assert code in ("InvalidParameterValueException", "ValidationException")


@cites(ENVIRONMENT_VARIABLES)
def test_reserved_variable_cannot_be_set(aws: Target, shared: Shared) -> None:
    code = error_code(
        aws.lambda_.update_function_configuration,
        FunctionName=shared(answering("'refused'")).name,
        Environment={"Variables": {"AWS_LAMBDA_FUNCTION_NAME": "another"}},
    )
    assert code == "InvalidParameterValueException"


@cites(CREATE_FUNCTION)
def test_name_of_a_function_is_unique(aws: Target, shared: Shared) -> None:
    known = aws.lambda_.get_function_configuration(FunctionName=shared(ECHO).name)
    code = error_code(
        aws.lambda_.create_function,
        FunctionName=known["FunctionName"],
        Role=known["Role"],
        Runtime=known["Runtime"],
        Handler="fn.handler",
        Code={"ZipFile": archive({"fn.py": ECHO})},
    )
    assert code == "ResourceConflictException"


@cites(LAMBDA_QUOTAS)
def test_function_has_at_most_five_layers(aws: Target, shared: Shared) -> None:
    with ExitStack() as cleanup:
        layers = [publish_empty_layer(aws, cleanup) for _ in range(6)]
        code = error_code(
            aws.lambda_.update_function_configuration,
            FunctionName=shared(answering("'refused'")).name,
            Layers=layers,
        )
    assert code == "InvalidParameterValueException"


def publish_empty_layer(aws: Target, cleanup: ExitStack) -> str:
    layer = aws.lambda_.publish_layer_version(
        LayerName=unique_name(), Content={"ZipFile": archive({"python/x.py": ""})}
    )
    cleanup.callback(aws.lambda_.delete_layer_version, LayerName=layer["LayerArn"], VersionNumber=1)
    return str(layer["LayerVersionArn"])


@cites(MESSAGE_QUOTAS)
def test_message_of_1_mib_passes(queue_of: QueueFactory) -> None:
    queue = queue_of()
    queue.send("x" * MIB)
    assert len(queue.receive()[0]["Body"]) == MIB


@cites(MESSAGE_QUOTAS)
def test_message_over_1_mib_is_refused(queue_of: QueueFactory) -> None:
    assert "InvalidParameterValue" in error_code(queue_of().send, body="x" * (MIB + 1))


@cites(MESSAGE_QUOTAS)
def test_attributes_count_to_the_size_of_a_message(queue_of: QueueFactory) -> None:
    code = error_code(
        queue_of().send,
        body="x" * MIB,
        MessageAttributes={"Mine": {"DataType": "String", "StringValue": "v"}},
    )
    assert "InvalidParameterValue" in code


@cites(MESSAGE_QUOTAS)
def test_message_takes_only_characters_of_xml(queue_of: QueueFactory) -> None:
    assert "InvalidMessageContents" in error_code(queue_of().send, body="\x00")


@cites(SEND_MESSAGE_BATCH)
def test_batch_has_at_most_ten_messages(aws: Target, queue_of: QueueFactory) -> None:
    entries = [{"Id": str(number), "MessageBody": "any"} for number in range(11)]
    code = error_code(aws.sqs.send_message_batch, QueueUrl=queue_of().url, Entries=entries)
    assert "TooManyEntriesInBatchRequest" in code


@cites(SEND_MESSAGE_BATCH)
def test_batch_has_at_least_one_message(aws: Target, queue_of: QueueFactory) -> None:
    code = error_code(aws.sqs.send_message_batch, QueueUrl=queue_of().url, Entries=[])
    assert "EmptyBatchRequest" in code


@cites(SEND_MESSAGE_BATCH)
def test_batch_has_at_most_1_mib(aws: Target, queue_of: QueueFactory) -> None:
    entries = [{"Id": str(number), "MessageBody": "x" * (MIB // 2 + 1)} for number in range(2)]
    code = error_code(aws.sqs.send_message_batch, QueueUrl=queue_of().url, Entries=entries)
    assert "BatchRequestTooLong" in code


@cites(RECEIVE_MESSAGE)
def test_receive_gives_at_most_ten_messages(queue_of: QueueFactory) -> None:
    queue = queue_of()
    assert "InvalidParameterValue" in error_code(queue.receive_now, MaxNumberOfMessages=11)


@cites(RECEIVE_MESSAGE)
def test_receive_waits_at_most_20_seconds(queue_of: QueueFactory) -> None:
    code = error_code(queue_of().receive_now, WaitTimeSeconds=21)
    assert "InvalidParameterValue" in code


@cites(DELAY_QUEUES)
def test_message_is_delayed_at_most_15_minutes(queue_of: QueueFactory) -> None:
    code = error_code(queue_of().send, body="any", DelaySeconds=901)
    assert "InvalidParameterValue" in code


@cites(CHANGE_VISIBILITY)
def test_message_is_hidden_at_most_12_hours(queue_of: QueueFactory) -> None:
    queue = queue_of()
    queue.send("any")
    [message] = queue.receive()
    code = error_code(queue.change_visibility, message=message, seconds=43201)
    assert "InvalidParameterValue" in code


@cites(CREATE_MAPPING)
@pytest.mark.parametrize(
    "settings",
    [
        pytest.param({"BatchSize": 11}, id="a batch size over 10 without window"),
        pytest.param(
            {"BatchSize": 10001, "MaximumBatchingWindowInSeconds": 1}, id="a batch size over 10000"
        ),
        pytest.param({"MaximumBatchingWindowInSeconds": 301}, id="a window over 300 seconds"),
        pytest.param({"ScalingConfig": {"MaximumConcurrency": 1001}}, id="a concurrency over 1000"),
    ],
)
def test_mapping_may_not_have(
    aws: Target, shared: Shared, queue_of: QueueFactory, settings: dict[str, Any]
) -> None:
    code = error_code(
        aws.lambda_.create_event_source_mapping,
        EventSourceArn=queue_of().arn,
        FunctionName=shared(ECHO).name,
        **settings,
    )
    assert code in ("InvalidParameterValueException", "ValidationException")


@cites(MAPPING_PARAMETERS)
def test_batch_size_of_a_fifo_queue_is_at_most_10(
    aws: Target, shared: Shared, queue_of: QueueFactory
) -> None:
    code = error_code(
        aws.lambda_.create_event_source_mapping,
        EventSourceArn=queue_of(FifoQueue="true").arn,
        FunctionName=shared(ECHO).name,
        BatchSize=11,
    )
    assert code in ("InvalidParameterValueException", "ValidationException")


@cites(MAPPING_PARAMETERS)
def test_fifo_queue_takes_no_batching_window(
    aws: Target, shared: Shared, queue_of: QueueFactory
) -> None:
    code = error_code(
        aws.lambda_.create_event_source_mapping,
        EventSourceArn=queue_of(FifoQueue="true").arn,
        FunctionName=shared(ECHO).name,
        MaximumBatchingWindowInSeconds=1,
    )
    assert code == "InvalidParameterValueException"


@cites(MAPPING_PARAMETERS)
def test_batch_over_ten_messages_reaches_the_function_whole(consume: ConsumerFactory) -> None:
    consumer = consume(BatchSize=20, MaximumBatchingWindowInSeconds=2, Enabled=False)
    for number in range(40):
        consumer.source.send(str(number))
    consumer.set_enabled(True)
    consumer.records(40, seconds=40)
    assert max(len(report["event"]["Records"]) for report in consumer.invocations()) > 10
