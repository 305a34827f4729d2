"""Limits of Lambda that stock LocalStack does not enforce.

https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
"""

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

MIB = 1024 * 1024
MAX_PAYLOAD_BYTES = 6 * MIB
MAX_ASYNCHRONOUS_PAYLOAD_BYTES = MIB

FUNCTION_RANGES = {"Timeout": (1, 900), "MemorySize": (128, 10240)}
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
    check_ranges(request, FUNCTION_RANGES)
    variables = (request.get("Environment") or {}).get("Variables") or {}
    if reserved := sorted(RESERVED_VARIABLES & variables.keys()):
        raise InvalidParameterValueException(
            "Lambda was unable to configure your environment variables because the environment"
            " variables you have provided contains reserved keys that are currently not supported"
            f" for modification. Reserved keys used in this request: {', '.join(reserved)}",
            Type="User",
        )


def check_ranges(request: Mapping[str, Any], ranges: Mapping[str, tuple[int, int]]) -> None:
    """
    :param ranges: the least and the greatest value of each parameter
    :raises ValidationException: a value is out of its range
    """
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


def invoke(call: Any, provider: LambdaProvider, context: Any, *args: Any, **kwargs: Any) -> Any:
    """Wraps LambdaProvider.invoke."""
    stream = kwargs.get("payload")
    if stream is not None:
        payload = stream.read()
        check_payload(payload, kwargs.get("invocation_type"))
        kwargs["payload"] = io.BytesIO(payload)
    return call(provider, context, *args, **kwargs)


def create_function(create: Any, provider: LambdaProvider, context: Any, request: Any) -> Any:
    """Wraps LambdaProvider.create_function."""
    check_function(request)
    return create(provider, context, request)


def update_function(update: Any, provider: LambdaProvider, context: Any, request: Any) -> Any:
    """Wraps LambdaProvider.update_function_configuration."""
    check_function(request)
    return update(provider, context, request)
