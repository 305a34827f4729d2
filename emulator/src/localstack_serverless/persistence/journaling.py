"""Tells the journal of every change to the messages of LocalStack's queues."""

from typing import Any

from localstack.services.sqs.models import FifoQueue, ReceiveMessageResult, SqsMessage, SqsQueue

from .messages import MessageJournal


class JournaledQueues:
    """Each method wraps the method of LocalStack's queues with the same name."""

    def __init__(self, journal: MessageJournal) -> None:
        self._journal = journal

    def init(self, init: Any, queue: SqsQueue, *args: Any, **kwargs: Any) -> None:
        init(queue, *args, **kwargs)
        self._journal.clear(queue.arn)

    def clear(self, clear: Any, queue: SqsQueue) -> None:
        clear(queue)
        self._journal.clear(queue.arn)

    def put(self, put: Any, queue: SqsQueue, message: Any, *args: Any, **kwargs: Any) -> SqsMessage:
        moved_from = (message.get("Attributes") or {}).get("DeadLetterQueueSourceArn")
        stored: SqsMessage = put(queue, message, *args, **kwargs)
        if not _is_duplicate(queue, stored):
            self._journal.add(queue.arn, stored, moved_from)
        return stored

    def receive(
        self, receive: Any, queue: SqsQueue, *args: Any, **kwargs: Any
    ) -> ReceiveMessageResult:
        result = receive(queue, *args, **kwargs)
        if result.successful:
            self._journal.update(queue.arn, result.successful)
        return result

    def remove(self, remove: Any, queue: SqsQueue, receipt_handle: str) -> None:
        message = queue.receipts.get(receipt_handle)
        remove(queue, receipt_handle)
        if message:
            self._journal.update(queue.arn, [message])

    def update_visibility_timeout(
        self, update: Any, queue: SqsQueue, receipt_handle: str, visibility_timeout: int
    ) -> None:
        update(queue, receipt_handle, visibility_timeout)
        if message := queue.receipts.get(receipt_handle):
            self._journal.update(queue.arn, [message])


def _is_duplicate(queue: SqsQueue, message: SqsMessage) -> bool:
    """Whether a FIFO queue dropped the message."""
    return (
        isinstance(queue, FifoQueue)
        and queue.deduplication.get(message.message_deduplication_id) is not message
    )
