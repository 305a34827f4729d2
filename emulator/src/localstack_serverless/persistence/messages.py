"""The messages of SQS queues, journaled as they change.

A record holds what a message is, not what happened to it: each change is followed by a record of
the message's present state, so that the last record of a message is right whatever the order in
which threads come to write. Content that never changes, such as the body, is in the first one.
"""

import pickle
import threading
from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from localstack.services.lambda_.invocation.models import lambda_stores
from localstack.services.sqs.models import (
    FifoQueue,
    ReceiveMessageResult,
    SqsMessage,
    SqsQueue,
    StandardQueue,
    sqs_stores,
)
from localstack.utils.patch import patch

from . import journal
from .journal import Journal

COMPACT_BYTES = 16 * 1024 * 1024

Messages = dict[str, SqsMessage]


class MessageJournal:
    """Knows each queue's messages, by ARN and message id."""

    def __init__(self, path: Path, messages: dict[str, Messages]) -> None:
        """Start anew with these messages."""
        self._messages = defaultdict(dict, messages)
        self._lock = threading.Lock()
        self._journal = Journal(path, self._records())
        self._compacted_size = self._journal.size

    @property
    def problem(self) -> str | None:
        """Why the last change could not be written; None where it was."""
        return self._journal.problem

    def add(self, queue_arn: str, message: SqsMessage, moved_from: str | None = None) -> None:
        """A message was put into a queue, perhaps from the queue that `moved_from` names."""
        message_id = message.message_id
        records = []
        with self._lock:
            # else a consumer was faster than the thread that put it
            if not message.deleted:
                self._messages[queue_arn][message_id] = message
                records.append(_record(queue_arn, message, with_content=True))
            if moved_from and moved_from != queue_arn:
                self._messages[moved_from].pop(message_id, None)
                records.append(_removal(moved_from, message_id))
            self._journal.append(records)

    def update(self, queue_arn: str, messages: Iterable[SqsMessage]) -> None:
        """Messages of a queue were received, deleted, or became visible at another time."""
        with self._lock:
            self._journal.append([*self._updates(queue_arn, messages)])

    def clear(self, queue_arn: str) -> None:
        """A queue is empty: it was purged, or is new and may have had a predecessor."""
        with self._lock:
            if self._messages.pop(queue_arn, None):
                self._journal.append([_removal(queue_arn, None)])

    def compact(self) -> None:
        """Rewrite the journal once most of it is history."""
        with self._lock:
            if self._journal.size > max(COMPACT_BYTES, 4 * self._compacted_size):
                for queue_arn in self._messages.keys() - {queue.arn for queue in _queues()}:
                    del self._messages[queue_arn]
                self._journal.rewrite(self._records())
                self._compacted_size = self._journal.size

    def close(self) -> None:
        with self._lock:
            self._journal.close()

    def _updates(self, queue_arn: str, messages: Iterable[SqsMessage]) -> Iterator[bytes]:
        known = self._messages[queue_arn]
        for message in messages:
            # else it moved to another queue, or the thread that put it comes yet to `add`
            if known.get(message.message_id) is message:
                if message.deleted:
                    del known[message.message_id]
                    yield _removal(queue_arn, message.message_id)
                else:
                    yield _record(queue_arn, message, with_content=False)

    def _records(self) -> Iterator[bytes]:
        for queue_arn, messages in self._messages.items():
            for message in messages.values():
                yield _record(queue_arn, message, with_content=True)


def _record(queue_arn: str, message: SqsMessage, *, with_content: bool) -> bytes:
    content = dict(message.message)
    attributes = content.pop("Attributes")
    state = {name: value for name, value in vars(message).items() if name != "message"}
    return pickle.dumps(
        (queue_arn, message.message_id, content if with_content else None, attributes, state)
    )


def _removal(queue_arn: str, message_id: str | None) -> bytes:
    """Of one message, or of all that are in the queue."""
    return pickle.dumps((queue_arn, message_id, None, None, None))


def read(path: Path) -> dict[str, Messages]:
    """The messages of each queue, by ARN and message id.

    :raises StateRefusedError: another version wrote the journal, or it is damaged
    """
    queues: dict[str, Messages] = defaultdict(dict)
    for record in journal.read(path):
        queue_arn, message_id, content, attributes, state = pickle.loads(record)  # noqa: S301 - our own
        messages = queues[queue_arn]
        if message_id is None:
            messages.clear()
        elif state is None:
            messages.pop(message_id, None)
        else:
            if content is not None:
                messages[message_id] = SqsMessage.__new__(SqsMessage)
                messages[message_id].message = content
            messages[message_id].message["Attributes"] = attributes
            vars(messages[message_id]).update(state)
    return queues


def restore(messages: dict[str, Messages]) -> dict[str, Messages]:
    """Put the messages into their queues; returns those that have one."""
    restored = {}
    sources = _event_sources()
    for queue in _queues():
        if queue.arn in messages:
            restored[queue.arn] = messages[queue.arn]
            if queue.arn in sources:
                _release(messages[queue.arn].values())
            _fill(queue, messages[queue.arn].values())
    return restored


def _event_sources() -> set[str]:
    """The ARNs of what event source mappings read from."""
    return {
        mapping["EventSourceArn"]
        for _, _, store in lambda_stores.iter_stores()
        for mapping in store.event_source_mappings.values()
    }


def _release(messages: Iterable[SqsMessage]) -> None:
    """No invocation outlives LocalStack, and on AWS none that had begun would have ended with it:
    what was in flight does not wait for a visibility timeout that nobody uses any more."""
    for message in messages:
        message.visibility_deadline = None


def _fill(queue: SqsQueue, messages: Iterable[SqsMessage]) -> None:
    waiting = []
    for message in messages:
        queue.receipts.update(dict.fromkeys(message.receipt_handles, message))
        if not message.is_visible:
            queue.add_inflight_message(message)
        elif message.is_delayed:
            queue.delayed.add(message)
        else:
            waiting.append(message)
    if isinstance(queue, FifoQueue):
        _restore_groups(queue, messages)
    for message in waiting:
        queue._put_message(message)


def _restore_groups(queue: FifoQueue, messages: Iterable[SqsMessage]) -> None:
    """A message in flight holds back its group, and one in the queue its duplicates."""
    for message in queue.inflight:
        queue.inflight_groups.add(queue.get_message_group(message.message_group_id))
    for message in messages:
        queue.deduplication[message.message_deduplication_id] = message


def _queues() -> Iterator[SqsQueue]:
    for _, _, store in sqs_stores.iter_stores():
        yield from list(store.queues.values())


def apply_patches(messages: MessageJournal) -> None:
    for queue_class in (StandardQueue, FifoQueue):
        _journal_puts(queue_class, messages)
        _journal_receives(queue_class, messages)

    @patch(SqsQueue.__init__)
    def create(init: Any, self: SqsQueue, *args: Any, **kwargs: Any) -> None:
        init(self, *args, **kwargs)
        messages.clear(self.arn)

    @patch(SqsQueue.clear)
    def clear(clear_queue: Any, self: SqsQueue) -> None:
        clear_queue(self)
        messages.clear(self.arn)

    @patch(SqsQueue.remove)
    def remove(remove_message: Any, self: SqsQueue, receipt_handle: str) -> None:
        message = self.receipts.get(receipt_handle)
        remove_message(self, receipt_handle)
        if message:
            messages.update(self.arn, [message])

    @patch(SqsQueue.update_visibility_timeout)
    def update_visibility_timeout(
        update: Any, self: SqsQueue, receipt_handle: str, visibility_timeout: int
    ) -> None:
        update(self, receipt_handle, visibility_timeout)
        if message := self.receipts.get(receipt_handle):
            messages.update(self.arn, [message])


def _journal_puts(queue_class: type[SqsQueue], messages: MessageJournal) -> None:
    @patch(queue_class.put)
    def put(
        put_message: Any, self: SqsQueue, message: Any, *args: Any, **kwargs: Any
    ) -> SqsMessage:
        moved_from = (message.get("Attributes") or {}).get("DeadLetterQueueSourceArn")
        stored = put_message(self, message, *args, **kwargs)
        if not _is_duplicate(self, stored):
            messages.add(self.arn, stored, moved_from)
        return stored


def _journal_receives(queue_class: type[SqsQueue], messages: MessageJournal) -> None:
    @patch(queue_class.receive)
    def receive(
        receive_messages: Any, self: SqsQueue, *args: Any, **kwargs: Any
    ) -> ReceiveMessageResult:
        result = receive_messages(self, *args, **kwargs)
        if result.successful:
            messages.update(self.arn, result.successful)
        return result


def _is_duplicate(queue: SqsQueue, message: SqsMessage) -> bool:
    """Whether a FIFO queue dropped it."""
    return (
        isinstance(queue, FifoQueue)
        and queue.deduplication.get(message.message_deduplication_id) is not message
    )
