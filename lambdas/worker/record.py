"""One record: processed and stored. Runs in a thread of its own."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from math import ceil
from typing import NamedTuple

from pipeline.contract import Message, timestamp
from pipeline.errors import TransientError
from pipeline.settings import WorkerSettings
from worker import faults
from worker.delivery import Delivery
from worker.isolation import process_in_child
from worker.processing import Job, process
from worker.store import Record, Store

# Processing ends this many seconds before the invocation does: time to store and to delete.
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
    """Whether each record gets a process of its own."""
    over: threading.Event = field(default_factory=threading.Event)
    """Set once nobody waits any more for what is still running."""


class ClaimExpiredError(TransientError):
    """SQS handed the message out again meanwhile. Storing it now could put a log into the table
    whose last attempt went to the dead-letter queue."""


class Task(NamedTuple):
    delivery: Delivery
    message: Message


class Done(NamedTuple):
    stored: bool
    """False: the same log, or a later one, lay there already."""
    processing_seconds: float
    end_to_end_seconds: float


@dataclass(frozen=True, slots=True)
class RecordWorker:
    settings: WorkerSettings
    store: Store

    def expected_seconds(self, message: Message) -> float:
        return len(message.text) * self.settings.seconds_per_char

    def claim_seconds(self, message: Message) -> int:
        needed = ceil(self.expected_seconds(message)) + self.settings.claim_margin
        return min(needed, self.settings.visibility_timeout)

    def finish(self, task: Task, batch: Batch) -> Done:
        """
        Raises:
            PermanentError, TransientError, BotoCoreError, ClientError: the record is not stored.
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
        return Done(stored, processing_seconds, end_to_end)

    def _process(self, task: Task, batch: Batch) -> str:
        job = self._job(task)
        budget = batch.invocation.remaining() - _STORE_RESERVE_SECONDS
        if job.seconds > budget:
            raise TransientError(
                f"The record needs {job.seconds:.1f} s, and the invocation has {budget:.1f} s left"
            )
        return process_in_child(job, timeout=budget) if batch.isolated else process(job)

    def _job(self, task: Task) -> Job:
        fault = None
        if self.settings.fault_injection and task.delivery.fault is not None:
            fault = faults.due(task.delivery.fault, task.delivery.attempt)
        return Job(task.message.text, self.expected_seconds(task.message), fault)
