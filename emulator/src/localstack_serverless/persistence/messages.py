"""The journal of the messages in SQS queues.

A record holds the state of a message, not a change: after each change the current state is
recorded. So the last record of a message is right in whatever order threads write. Content that
never changes, such as the body, is only in the first record.
"""

import pickle
import threading
from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path

from localstack.services.sqs.models import SqsMessage

from . import journal
from .journal import Journal
from .queues import Messages, all_queues

COMPACT_BYTES = 16 * 1024 * 1024


class MessageJournal:
    """Records each queue's messages, by ARN and message id."""

    def __init__(self, path: Path, messages: dict[str, Messages]) -> None:
        """Start a new journal with these messages."""
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
            # otherwise a consumer was faster than the thread that put the message
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
        """A queue is empty: it was purged, or it is new and may replace one with the same name."""
        with self._lock:
            if self._messages.pop(queue_arn, None):
                self._journal.append([_removal(queue_arn, None)])

    def compact(self) -> None:
        """Rewrite the journal if most of its records are outdated."""
        with self._lock:
            if self._journal.size > max(COMPACT_BYTES, 4 * self._compacted_size):
                for queue_arn in self._messages.keys() - {queue.arn for queue in all_queues()}:
                    del self._messages[queue_arn]
                self._journal.rewrite(self._records())
                self._compacted_size = self._journal.size

    def close(self) -> None:
        with self._lock:
            self._journal.close()

    def _updates(self, queue_arn: str, messages: Iterable[SqsMessage]) -> Iterator[bytes]:
        known = self._messages[queue_arn]
        for message in messages:
            # otherwise it moved to another queue, or the thread that put it is about to `add` it
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
    """The removal of one message, or of all messages in the queue."""
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
