"""Limits of SQS that stock LocalStack does not enforce.

https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-messages.html
"""

import json
from collections.abc import Mapping
from typing import Any

from localstack.services.sqs.exceptions import InvalidParameterValueException
from localstack.services.sqs.models import SqsQueue
from localstack.services.sqs.provider import SqsProvider

MAX_DELAY_SECONDS = 900
MAX_VISIBILITY_SECONDS = 12 * 3600


def check_delay(seconds: int | None) -> None:
    if seconds is not None and not 0 <= int(seconds) <= MAX_DELAY_SECONDS:
        raise InvalidParameterValueException(
            f"Value {seconds} for parameter DelaySeconds is invalid. Reason: DelaySeconds must be"
            f" >= 0 and <= {MAX_DELAY_SECONDS}."
        )


def check_visibility(seconds: int) -> None:
    if not 0 <= int(seconds) <= MAX_VISIBILITY_SECONDS:
        raise InvalidParameterValueException(
            f"Value {seconds} for parameter VisibilityTimeout is invalid. Reason: VisibilityTimeout"
            f" must be an integer between 0 and {MAX_VISIBILITY_SECONDS}."
        )


def check_redrive_policy(queue_name: str, attributes: Mapping[str, str]) -> None:
    """A dead-letter queue must be of its source queue's type.

    https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-dead-letter-queues.html
    """
    policy = json.loads(attributes.get("RedrivePolicy") or "{}")
    target = policy.get("deadLetterTargetArn") or queue_name
    if target.endswith(".fifo") != queue_name.endswith(".fifo"):
        raise InvalidParameterValueException(
            f"Value {attributes['RedrivePolicy']} for parameter RedrivePolicy is invalid. Reason:"
            " Dead-letter queue must be same type of queue as the source."
        )


def put_message(  # noqa: PLR0913 - as the method that it wraps
    put: Any,
    provider: SqsProvider,
    queue: SqsQueue,
    context: Any,
    message_body: str,
    delay_seconds: int | None = None,
    *args: Any,
    **kwargs: Any,
) -> Any:
    """Wraps SqsProvider._put_message."""
    check_delay(delay_seconds)
    return put(provider, queue, context, message_body, delay_seconds, *args, **kwargs)


def update_visibility(
    update: Any, queue: SqsQueue, receipt_handle: str, visibility_timeout: int
) -> None:
    """Wraps SqsQueue.update_visibility_timeout."""
    check_visibility(visibility_timeout)
    if receipt_handle in queue.receipts and queue.receipts[receipt_handle] not in queue.inflight:
        raise InvalidParameterValueException(
            f"Value {receipt_handle} for parameter ReceiptHandle is invalid. Reason: Message"
            " does not exist or is not available for visibility timeout change."
        )
    update(queue, receipt_handle, visibility_timeout)


def validate_attributes(validate: Any, queue: SqsQueue, attributes: dict[str, str]) -> None:
    """Wraps validate_queue_attributes of both kinds of queue."""
    validate(queue, attributes)
    check_redrive_policy(queue.name, attributes)
