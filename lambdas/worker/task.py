"""One message of a batch: processed and stored, in its own thread."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from math import ceil
from typing import NamedTuple

from pipeline.contract import Message, timestamp
from pipeline.errors import TransientError
from worker.delivery import Delivery
from worker.faults import Faults
from worker.isolation import run_in_child
from worker.processing import process
from worker.settings import WorkerSettings
from worker.store import Record, Store

# Processing must end this long before the invocation does, to leave time to store and delete.
_STORE_RESERVE_SECONDS = 10


@dataclass(frozen=True, slots=True)
class Invocation:
    worker_id: str
    remaining: Callable[[], float]
    """Seconds until Lambda ends it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    invocation: Invocation
    isolated: bool
    """Whether each message is processed in a child process."""
    over: threading.Event = field(default_factory=threading.Event)
    """Set once the batch was answered: what finishes later must not be stored."""


class Task(NamedTuple):
    delivery: Delivery
    message: Message


class Result(NamedTuple):
    stored: bool
    """False where the table already held this log, or a later one with the same id."""
    processing_seconds: float
    end_to_end_seconds: float


class ClaimExpiredError(TransientError):
    """The claim ended before the processing did, so SQS may have delivered the message again.

    Storing it now could leave a log both in the table and in the dead-letter queue.
    """


@dataclass(frozen=True, slots=True)
class TaskRunner:
    settings: WorkerSettings
    store: Store
    faults: Faults

    def claim_seconds(self, message: Message) -> int:
        needed = ceil(self._expected_seconds(message)) + self.settings.claim_margin
        return min(needed, self.settings.visibility_timeout)

    def run(self, task: Task, batch: Batch) -> Result:
        """
        :raises PermanentError, TransientError, BotoCoreError, ClientError: the log was not stored
        """
        delivery, message = task
        started = time.monotonic()
        modified = self._process(task, batch)
        processing_seconds = time.monotonic() - started
        if processing_seconds > self.claim_seconds(message):
            raise ClaimExpiredError("Processing outlasted the claim of the message")
        if batch.over.is_set():
            raise TransientError("The invocation ended before the record was stored")
        now = datetime.now(UTC)
        stored = self.store.put(
            Record(
                message=message,
                modified_data=modified,
                processed_at=timestamp(now),
                worker_id=batch.invocation.worker_id,
                attempt=delivery.attempt,
            )
        )
        end_to_end = (now - datetime.fromisoformat(message.received_at)).total_seconds()
        return Result(stored, processing_seconds, end_to_end)

    def _process(self, task: Task, batch: Batch) -> str:
        delivery, message = task
        expected = self._expected_seconds(message)
        job = self.faults.inject(partial(process, message.text, expected), delivery)
        available = batch.invocation.remaining() - _STORE_RESERVE_SECONDS
        if expected > available:
            raise TransientError(
                f"The record needs {expected:.1f} s, and the invocation has {available:.1f} s left"
            )
        return run_in_child(job, timeout=available) if batch.isolated else job()

    def _expected_seconds(self, message: Message) -> float:
        return len(message.text) * self.settings.seconds_per_char
