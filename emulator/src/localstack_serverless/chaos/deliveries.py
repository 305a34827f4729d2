"""Faults of messages in standard queues: Amazon SQS may deliver a message more than once or out of
order, but rarely does.

https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/standard-queues.html
"""

import copy
from typing import Any

from localstack import config
from localstack.services.sqs.models import ReceiveMessageResult, SqsMessage, StandardQueue

from ..faults.injection import FAULTS
from ..faults.rules import Call


class MessageCopy(SqsMessage):
    """A second delivery of a message, as if one of SQS's servers had missed the first.

    It is delivered once. If the consumer does not delete it, only the message itself is retried.
    """

    # by default messages are equal if their ids are, and this has the id of its message
    __eq__ = object.__eq__
    __hash__ = object.__hash__

    @classmethod
    def of(cls, message: SqsMessage, delay_seconds: int) -> "MessageCopy":
        second = cls(message.priority, copy.deepcopy(message.message))
        second.visibility_timeout = message.visibility_timeout
        second.delay_seconds = delay_seconds
        return second

    @property
    def is_spent(self) -> bool:
        return bool(self.receive_count)


def put_late(put: Any, queue: StandardQueue, *args: Any, **kwargs: Any) -> SqsMessage:
    """Wraps StandardQueue.put: delay the message if a rule applies."""
    if _may_meet_faults(queue) and (seconds := FAULTS.meet_send(_call(queue))):
        kwargs["delay_seconds"] = seconds + (kwargs.get("delay_seconds") or queue.delay_seconds)
    message: SqsMessage = put(queue, *args, **kwargs)
    return message


def receive_twice(
    receive: Any, queue: StandardQueue, *args: Any, **kwargs: Any
) -> ReceiveMessageResult:
    """Wraps StandardQueue.receive: put copies of the messages back if a rule applies."""
    result = receive(queue, *args, **kwargs)
    if _may_meet_faults(queue):
        _duplicate(queue, result.successful)
    return result


def drop_spent_copy(put: Any, queue: StandardQueue, message: SqsMessage) -> None:
    """Wraps StandardQueue._put_message, which makes a message visible again: not a copy that was
    received."""
    if isinstance(message, MessageCopy) and message.is_spent:
        _forget(queue, message)
    else:
        put(queue, message)


def _may_meet_faults(queue: StandardQueue) -> bool:
    # LocalStack keeps asynchronous invocations in queues of an internal account
    return FAULTS.on_deliveries and queue.account_id != config.INTERNAL_RESOURCE_ACCOUNT


def _call(queue: StandardQueue) -> Call:
    return Call("sqs", "", queue.region, queue.name)


def _duplicate(queue: StandardQueue, messages: list[SqsMessage]) -> None:
    for message in messages:
        if isinstance(message, MessageCopy):
            continue
        if duplicate := FAULTS.meet_receive(_call(queue)):
            second = MessageCopy.of(message, duplicate.delay_seconds)
            if second.is_delayed:
                queue.delayed.add(second)
            else:
                queue._put_message(second)


def _forget(queue: StandardQueue, message: MessageCopy) -> None:
    message.deleted = True
    for handle in message.receipt_handles:
        queue.receipts.pop(handle, None)
