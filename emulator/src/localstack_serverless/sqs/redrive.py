"""Redrives as AWS documents them.

A redriven message counts as new: it gets a new id and a new time, and its receives are counted from
1 again. Stock LocalStack puts the same message into the other queue.
https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-configure-dead-letter-queue-redrive.html

A message that was sent to the dead-letter queue directly has no queue to go back to:
https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/troubleshooting-dlq-redrive.html
"""

import threading
import time
from collections.abc import Mapping
from typing import Any

from localstack.aws.api import CommonServiceException, RequestContext
from localstack.services.sqs.exceptions import InvalidParameterValueException
from localstack.services.sqs.models import FifoQueue, SqsQueue
from localstack.services.sqs.provider import MessageMoveTaskManager, SqsProvider
from localstack.services.sqs.utils import generate_message_id

MAX_RATE = 500

# what SqsMessage.__init__ or a receive sets
_OF_THE_OLD_MESSAGE = (
    "ApproximateFirstReceiveTimestamp",
    "ApproximateReceiveCount",
    "DeadLetterQueueSourceArn",
    "SequenceNumber",
)

_thread = threading.local()


def check_rate(messages_a_second: int | None) -> None:
    if messages_a_second is not None and not 1 <= messages_a_second <= MAX_RATE:
        raise InvalidParameterValueException(
            f"Value {messages_a_second} for parameter MaxNumberOfMessagesPerSecond is invalid."
            f" Reason: Must be between 1 and {MAX_RATE}, if provided."
        )


def start(
    start: Any, provider: SqsProvider, context: RequestContext, *args: Any, **kwargs: Any
) -> Any:
    """Wraps SqsProvider.start_message_move_task."""
    check_rate(kwargs.get("max_number_of_messages_per_second"))
    return start(provider, context, *args, **kwargs)


def run(run: Any, manager: MessageMoveTaskManager, *args: Any) -> None:
    """Wraps MessageMoveTaskManager._run, which puts messages into queues in this thread."""
    _thread.redrives = True
    try:
        run(manager, *args)
    finally:
        _thread.redrives = False


def queue_by_arn(look_up: Any, manager: MessageMoveTaskManager, arn: str | None) -> SqsQueue:
    """Wraps MessageMoveTaskManager._get_queue_by_arn; None for a message without a source.

    The code of the exception is the task's reason for its failure.
    """
    if arn is None:
        raise CommonServiceException("CouldNotDetermineMessageSource", "")
    queue: SqsQueue = look_up(manager, arn)
    return queue


def put_as_new(put: Any, queue: SqsQueue, message: Any, *args: Any, **kwargs: Any) -> Any:
    """Wraps StandardQueue.put."""
    return put(queue, as_new(message) if _redrives() else message, *args, **kwargs)


def put_in_order(put: Any, queue: FifoQueue, message: Any, *args: Any, **kwargs: Any) -> Any:
    """Wraps FifoQueue.put.

    A message that moves to a dead-letter queue gets its id as its deduplication id. With the one
    that it was sent with, its own queue would drop it as a duplicate when it is redriven.
    """
    if _redrives():
        message = as_new(message)
    elif (message.get("Attributes") or {}).get("DeadLetterQueueSourceArn"):
        kwargs["message_deduplication_id"] = message["MessageId"]
    return put(queue, message, *args, **kwargs)


def _redrives() -> bool:
    return getattr(_thread, "redrives", False)


def as_new(message: Mapping[str, Any]) -> dict[str, Any]:
    """A copy: the message stays in the dead-letter queue until the copy is in its own."""
    attributes = {
        name: value
        for name, value in (message.get("Attributes") or {}).items()
        if name not in _OF_THE_OLD_MESSAGE
    }
    attributes["SentTimestamp"] = str(int(time.time() * 1000))
    return {**message, "MessageId": generate_message_id(), "Attributes": attributes}
