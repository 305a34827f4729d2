"""Batches: up to BatchSize messages, within the batching window and the payload limit.

https://docs.aws.amazon.com/lambda/latest/dg/invocation-eventsourcemapping.html#invocation-eventsourcemapping-batching
"""

import base64
import json
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Protocol

from ..execution.limits import MAX_PAYLOAD_BYTES
from .queue import CALL_MESSAGES, Message

# Less than SQS's maximum of 20 s: disabling or deleting a mapping waits for its poll.
LONG_POLL_SECONDS = 2
# On AWS a call of SQS takes "tens or low hundreds of milliseconds", so messages that are sent close
# together come in one batch (https://aws.amazon.com/sqs/faqs/). Here it takes less than one, and
# each message would have a separate invocation. So after a call that emptied the queue, the next
# one begins this much later. A message that comes to a queue at rest does not wait.
PAUSE_SECONDS = 0.02
PAYLOAD_START, PAYLOAD_END = b'{"Records": [', b"]}"


@dataclass(frozen=True)
class Record:
    """A message as it is passed to the function."""

    message_id: str
    receipt_handle: str
    data: bytes

    @classmethod
    def of(cls, event: dict[str, Any]) -> "Record":
        # Lambda's limit counts UTF-8 bytes, so without escapes
        data = json.dumps(event, ensure_ascii=False, default=_binary).encode()
        return cls(event["messageId"], event["receiptHandle"], data)


def _binary(value: bytes) -> str:
    return base64.b64encode(value).decode()


@dataclass
class Batch:
    records: list[Record] = field(default_factory=list)
    size: int = len(PAYLOAD_START + PAYLOAD_END)
    began: float = field(default_factory=time.monotonic)

    def add(self, records: list[Record]) -> list[Record]:
        """Add records up to the payload limit; return the rest."""
        for number, record in enumerate(records):
            size = self.size + len(record.data) + 1
            if self.records and size > MAX_PAYLOAD_BYTES:
                return records[number:]
            self.records.append(record)
            self.size = size
        return []

    @property
    def payload(self) -> bytes:
        return PAYLOAD_START + b",".join(record.data for record in self.records) + PAYLOAD_END


class Source(Protocol):
    """Where messages come from (see queue.SourceQueue)."""

    def receive(self, most: int, wait_seconds: float, /) -> list[Message]: ...


class Batcher:
    """Forms the batches of one mapping.

    :param accept: converts messages to records and drops those that the filter criteria discard
    :param stopping: when set, a batching window ends at once
    """

    def __init__(
        self,
        source: Source,
        accept: Callable[[list[Message]], list[Record]],
        batch_size: int,
        window_seconds: float,
        stopping: threading.Event,
    ) -> None:
        self._source = source
        self._accept = accept
        self._batch_size = batch_size
        self._window_seconds = window_seconds
        self._stopping = stopping
        # received for the previous batch, but over its payload limit
        self._held: list[Record] = []
        # when to receive again, by time.monotonic()
        self._due = 0.0

    def next_batch(self) -> Batch | None:
        """The next batch, or None if a long poll found no message. A batch has no records if the
        filter criteria discarded all of its messages."""
        messages = [] if self._held else self._receive()
        if not messages and not self._held:
            return None
        batch = Batch()
        self._held = batch.add(self._held or self._accept(messages))
        if batch.records:
            self._fill(batch)
        return batch

    def _receive(self) -> list[Message]:
        """What one long poll finds."""
        self._stopping.wait(max(0.0, self._due - time.monotonic()))
        messages = self._source.receive(self._batch_size, LONG_POLL_SECONDS)
        if len(messages) < min(self._batch_size, CALL_MESSAGES):
            self._due = time.monotonic() + (PAUSE_SECONDS if messages else 0)
        return messages

    def _fill(self, batch: Batch) -> None:
        """Receive more while the batching window is open and the batch has room."""
        ends = time.monotonic() + self._window_seconds
        while not self._held and not self._stopping.is_set():
            room, left = self._batch_size - len(batch.records), ends - time.monotonic()
            if room == 0 or left <= 0:
                return
            messages = self._source.receive(room, min(left, LONG_POLL_SECONDS))
            self._held = batch.add(self._accept(messages))
