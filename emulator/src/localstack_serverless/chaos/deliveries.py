"""What Amazon SQS may do to messages of standard queues, and rarely does: deliver them more than
once, and out of order.

https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/standard-queues.html
"""

import copy
from typing import Any

from localstack import config
from localstack.services.sqs.models import ReceiveMessageResult, SqsMessage, StandardQueue
from localstack.utils.patch import patch

from .faults import FAULTS
from .rules import Call


class MessageCopy(SqsMessage):
    """A second delivery of a message, as of a server that did not hear of the first.

    It comes once: where it is not deleted, the message itself still has its own retries.
    """

    # the queue tells messages apart by their id, which it shares with the message
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


def apply_patches() -> None:
    @patch(StandardQueue.put)
    def put(put_message: Any, self: StandardQueue, *args: Any, **kwargs: Any) -> SqsMessage:
        if _may_suffer(self) and (seconds := FAULTS.meet_send(_call(self))):
            kwargs["delay_seconds"] = seconds + (kwargs.get("delay_seconds") or self.delay_seconds)
        message: SqsMessage = put_message(self, *args, **kwargs)
        return message

    @patch(StandardQueue.receive)
    def receive(
        receive_messages: Any, self: StandardQueue, *args: Any, **kwargs: Any
    ) -> ReceiveMessageResult:
        result = receive_messages(self, *args, **kwargs)
        if _may_suffer(self):
            _duplicate(self, result.successful)
        return result

    @patch(StandardQueue._put_message)
    def put_message(put: Any, self: StandardQueue, message: SqsMessage) -> None:
        if isinstance(message, MessageCopy) and message.is_spent:
            _forget(self, message)
        else:
            put(self, message)


def _may_suffer(queue: StandardQueue) -> bool:
    # asynchronous invocations wait in queues of LocalStack's own
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
