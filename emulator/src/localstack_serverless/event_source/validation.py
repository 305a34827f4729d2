"""Settings of mappings that AWS refuses and stock LocalStack accepts.

https://docs.aws.amazon.com/lambda/latest/api/API_CreateEventSourceMapping.html
https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-parameters.html
"""

from collections.abc import Mapping
from typing import Any

from localstack.aws.api.lambda_ import InvalidParameterValueException
from localstack.services.lambda_.provider import LambdaProvider
from localstack.utils.aws.arns import parse_arn

from ..execution.limits import check_ranges
from .queue import CALL_MESSAGES, SourceQueue

MAPPING_RANGES = {"BatchSize": (1, 10000), "MaximumBatchingWindowInSeconds": (0, 300)}
CONCURRENCY_RANGE = {"MaximumConcurrency": (2, 1000)}


def validate_mapping(validate: Any, provider: LambdaProvider, context: Any, request: Any) -> Any:
    """Wraps LambdaProvider.validate_event_source_mapping."""
    check_mapping(request)
    validated = validate(provider, context, request)
    function_version = validated[3]
    check_queue(request, function_version.config.timeout)
    return validated


def check_mapping(request: Mapping[str, Any]) -> None:
    """:raises ValidationException: a value is out of its range"""
    check_ranges(request, MAPPING_RANGES)
    check_ranges(request.get("ScalingConfig") or {}, CONCURRENCY_RANGE)


def check_queue(mapping: Mapping[str, Any], function_timeout: int) -> None:
    """:raises InvalidParameterValueException: the settings do not suit the queue"""
    arn = mapping.get("EventSourceArn", "")
    if not arn.startswith("arn:") or parse_arn(arn)["service"] != "sqs":
        return
    if arn.endswith(".fifo"):
        _check_fifo(mapping)
    visibility_timeout = SourceQueue(arn).visibility_timeout()
    if visibility_timeout < function_timeout:
        _refuse(
            f"Queue visibility timeout: {visibility_timeout} seconds is less than"
            f" Function timeout: {function_timeout} seconds"
        )


def _check_fifo(mapping: Mapping[str, Any]) -> None:
    if mapping.get("MaximumBatchingWindowInSeconds"):
        _refuse("Batching window is not supported for FIFO queues")
    if mapping.get("BatchSize", CALL_MESSAGES) > CALL_MESSAGES:
        _refuse(f"Batch size for FIFO queues must not be above {CALL_MESSAGES}")


def _refuse(reason: str) -> None:
    raise InvalidParameterValueException(reason, Type="User")
