"""Limits that AWS holds and stock LocalStack does not.

https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
https://docs.aws.amazon.com/lambda/latest/api/API_CreateEventSourceMapping.html
https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-messages.html
"""

import inspect
import io
import json
from collections.abc import Mapping
from typing import Any

from localstack.aws.api.lambda_ import (
    InvalidParameterValueException,
    InvalidRequestContentException,
    InvocationType,
    RequestTooLargeException,
)
from localstack.services.lambda_.invocation.lambda_models import ValidationException
from localstack.services.lambda_.provider import LambdaProvider
from localstack.services.sqs.exceptions import InvalidParameterValueException as InvalidSqsParameter
from localstack.services.sqs.models import FifoQueue, SqsQueue, StandardQueue
from localstack.services.sqs.provider import SqsProvider
from localstack.utils.patch import patch

MIB = 1024 * 1024
MAX_PAYLOAD_BYTES = 6 * MIB
MAX_ASYNCHRONOUS_PAYLOAD_BYTES = MIB
MAX_DELAY_SECONDS = 900
MAX_VISIBILITY_SECONDS = 12 * 3600

FUNCTION_RANGES = {"Timeout": (1, 900), "MemorySize": (128, 10240)}
MAPPING_RANGES = {"BatchSize": (1, 10000), "MaximumBatchingWindowInSeconds": (0, 300)}
CONCURRENCY_RANGE = {"MaximumConcurrency": (2, 1000)}
# https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html
RESERVED_VARIABLES = frozenset(
    {
        "_HANDLER",
        "_X_AMZN_TRACE_ID",
        "AWS_ACCESS_KEY",
        "AWS_ACCESS_KEY_ID",
        "AWS_DEFAULT_REGION",
        "AWS_EXECUTION_ENV",
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE",
        "AWS_LAMBDA_FUNCTION_NAME",
        "AWS_LAMBDA_FUNCTION_VERSION",
        "AWS_LAMBDA_INITIALIZATION_TYPE",
        "AWS_LAMBDA_LOG_GROUP_NAME",
        "AWS_LAMBDA_LOG_STREAM_NAME",
        "AWS_LAMBDA_RUNTIME_API",
        "AWS_REGION",
        "AWS_SECRET_ACCESS_KEY",
        "AWS_SESSION_TOKEN",
        "LAMBDA_RUNTIME_DIR",
        "LAMBDA_TASK_ROOT",
    }
)


_PUT_MESSAGE = inspect.signature(SqsProvider._put_message)


def check_payload(payload: bytes, invocation_type: str | None) -> None:
    """:raises RequestTooLargeException, InvalidRequestContentException: as Invoke does"""
    is_asynchronous = invocation_type == InvocationType.Event
    limit = MAX_ASYNCHRONOUS_PAYLOAD_BYTES if is_asynchronous else MAX_PAYLOAD_BYTES
    if len(payload) > limit:
        raise RequestTooLargeException(
            f"{len(payload)} byte payload is too large for the invocation (limit {limit} bytes)",
            Type="User",
        )
    try:
        json.loads(payload or b"{}")
    except ValueError as error:
        raise InvalidRequestContentException(
            f"Could not parse request body into json: {error}", Type="User"
        ) from error


def check_function(request: Mapping[str, Any]) -> None:
    """:raises ValidationException, InvalidParameterValueException: as CreateFunction does"""
    _check_ranges(request, FUNCTION_RANGES)
    variables = (request.get("Environment") or {}).get("Variables") or {}
    if reserved := sorted(RESERVED_VARIABLES & variables.keys()):
        raise InvalidParameterValueException(
            "Lambda was unable to configure your environment variables because the environment"
            " variables you have provided contains reserved keys that are currently not supported"
            f" for modification. Reserved keys used in this request: {', '.join(reserved)}",
            Type="User",
        )


def check_mapping(request: Mapping[str, Any]) -> None:
    """:raises ValidationException: as CreateEventSourceMapping does

    What does not suit the queue is refused as well, in event_source/validation.py.
    """
    _check_ranges(request, MAPPING_RANGES)
    _check_ranges(request.get("ScalingConfig") or {}, CONCURRENCY_RANGE)


def _check_ranges(request: Mapping[str, Any], ranges: Mapping[str, tuple[int, int]]) -> None:
    for name, (least, most) in ranges.items():
        value = request.get(name)
        if value is not None and not least <= value <= most:
            is_small = value < least
            bound = (
                f"greater than or equal to {least}" if is_small else f"less than or equal to {most}"
            )
            raise ValidationException(
                f"1 validation error detected: Value '{value}' at '{name[0].lower()}{name[1:]}'"
                f" failed to satisfy constraint: Member must have value {bound}"
            )


def check_delay(seconds: int | None) -> None:
    if seconds is not None and not 0 <= int(seconds) <= MAX_DELAY_SECONDS:
        raise InvalidSqsParameter(
            f"Value {seconds} for parameter DelaySeconds is invalid. Reason: DelaySeconds must be"
            f" >= 0 and <= {MAX_DELAY_SECONDS}."
        )


def check_visibility(seconds: int) -> None:
    if not 0 <= int(seconds) <= MAX_VISIBILITY_SECONDS:
        raise InvalidSqsParameter(
            f"Value {seconds} for parameter VisibilityTimeout is invalid. Reason: VisibilityTimeout"
            f" must be an integer between 0 and {MAX_VISIBILITY_SECONDS}."
        )


def check_redrive_policy(queue_name: str, attributes: Mapping[str, str]) -> None:
    """A dead-letter queue is of its source's kind.

    https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-dead-letter-queues.html
    """
    policy = json.loads(attributes.get("RedrivePolicy") or "{}")
    target = policy.get("deadLetterTargetArn") or queue_name
    if target.endswith(".fifo") != queue_name.endswith(".fifo"):
        raise InvalidSqsParameter(
            f"Value {attributes['RedrivePolicy']} for parameter RedrivePolicy is invalid. Reason:"
            " Dead-letter queue must be same type of queue as the source."
        )


def apply_patches() -> None:
    _hold_lambda()
    _hold_sqs()


def _hold_lambda() -> None:
    @patch(LambdaProvider.invoke)
    def invoke(call: Any, self: LambdaProvider, context: Any, *args: Any, **kwargs: Any) -> Any:
        stream = kwargs.get("payload")
        if stream is not None:
            payload = stream.read()
            check_payload(payload, kwargs.get("invocation_type"))
            kwargs["payload"] = io.BytesIO(payload)
        return call(self, context, *args, **kwargs)

    @patch(LambdaProvider.create_function)
    def create_function(create: Any, self: LambdaProvider, context: Any, request: Any) -> Any:
        check_function(request)
        return create(self, context, request)

    @patch(LambdaProvider.update_function_configuration)
    def update_function(update: Any, self: LambdaProvider, context: Any, request: Any) -> Any:
        check_function(request)
        return update(self, context, request)


def _hold_sqs() -> None:
    @patch(SqsProvider._put_message)
    def put_message(put: Any, self: SqsProvider, *args: Any, **kwargs: Any) -> Any:
        check_delay(_PUT_MESSAGE.bind(self, *args, **kwargs).arguments.get("delay_seconds"))
        return put(self, *args, **kwargs)

    @patch(SqsQueue.update_visibility_timeout)
    def update_visibility(
        update: Any, self: SqsQueue, receipt_handle: str, visibility_timeout: int
    ) -> None:
        check_visibility(visibility_timeout)
        if receipt_handle in self.receipts and self.receipts[receipt_handle] not in self.inflight:
            raise InvalidSqsParameter(
                f"Value {receipt_handle} for parameter ReceiptHandle is invalid. Reason: Message"
                " does not exist or is not available for visibility timeout change."
            )
        update(self, receipt_handle, visibility_timeout)

    for kind in (StandardQueue, FifoQueue):

        @patch(kind.validate_queue_attributes)
        def validate_attributes(validate: Any, self: SqsQueue, attributes: dict[str, str]) -> None:
            validate(self, attributes)
            check_redrive_policy(self.name, attributes)
