"""Settings that AWS refuses for the queue of a mapping, and stock LocalStack accepts.

https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-parameters.html
"""

from typing import Any

from localstack.aws.api.lambda_ import InvalidParameterValueException
from localstack.utils.aws.arns import parse_arn

from .queue import CALL_MESSAGES, SourceQueue


def validate(mapping: dict[str, Any], function_timeout: int) -> None:
    """
    :raises InvalidParameterValueException: AWS would not create the mapping
    """
    arn = mapping.get("EventSourceArn", "")
    if not arn.startswith("arn:") or parse_arn(arn)["service"] != "sqs":
        return
    if arn.endswith(".fifo"):
        _validate_fifo(mapping)
    visibility_timeout = SourceQueue(arn).visibility_timeout()
    if visibility_timeout < function_timeout:
        _refuse(
            f"Queue visibility timeout: {visibility_timeout} seconds is less than"
            f" Function timeout: {function_timeout} seconds"
        )


def _validate_fifo(mapping: dict[str, Any]) -> None:
    if mapping.get("MaximumBatchingWindowInSeconds"):
        _refuse("Batching window is not supported for FIFO queues")
    if mapping.get("BatchSize", CALL_MESSAGES) > CALL_MESSAGES:
        _refuse(f"Batch size for FIFO queues must not be above {CALL_MESSAGES}")


def _refuse(reason: str) -> None:
    raise InvalidParameterValueException(reason, Type="User")
