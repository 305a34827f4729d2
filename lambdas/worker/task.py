"""One message of a batch: processed and stored, in its own thread."""

import threading
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
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
from worker.store import LONGEST_PUT_SECONDS, Record, Store

# Time to release messages and to answer, at the end of an invocation.
_ANSWER_RESERVE_SECONDS = 3


@dataclass(frozen=True, slots=True)
class Invocation:
    worker_id: str
    ends_at: float
    """When Lambda ends it, by time.monotonic()."""


class Task(NamedTuple):
    delivery: Delivery
    message: Message
    claim_ends_at: float
    """By time.monotonic(). Counted from before the claim was requested: SQS counts from later."""
    store_by: float
    """The latest moment at which storing may begin, by time.monotonic()."""


class Result(NamedTuple):
    stored: bool
    """False where the table already held this log, or a later one with the same id."""
    processing_seconds: float
    end_to_end_seconds: float


class OutOfTimeError(TransientError):
    """The record was not stored, because the claim or the invocation could have ended meanwhile.

    After the claim's end SQS may deliver the message again, or move it to the dead-letter queue. A
    record that is stored after that could leave the log in both.
    """


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """Decides, for the threads of a batch, which tasks may still store their records."""

    worker_id: str
    child_memory_bytes: int | None
    """What each child process may use. None: the messages are processed without one."""
    _storing: set[str] = field(default_factory=set)
    _closed: threading.Event = field(default_factory=threading.Event)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def may_store(self, task: Task) -> bool:
        with self._lock:
            if self._closed.is_set() or time.monotonic() > task.store_by:
                return False
            self._storing.add(task.delivery.message_id)
            return True

    def close(self) -> frozenset[str]:
        """From now on no task begins to store. Returns the message ids of those that have begun."""
        with self._lock:
            self._closed.set()
            return frozenset(self._storing)


@dataclass(frozen=True, slots=True)
class TaskRunner:
    settings: WorkerSettings
    store: Store
    faults: Faults

    def claim_seconds(self, message: Message) -> int:
        needed = ceil(self._expected_seconds(message)) + self.settings.claim_margin
        return min(needed, self.settings.visibility_timeout)

    def task(
        self, delivery: Delivery, message: Message, invocation: Invocation, *, claim_ends_at: float
    ) -> Task:
        ends_at = min(claim_ends_at, invocation.ends_at - _ANSWER_RESERVE_SECONDS)
        return Task(delivery, message, claim_ends_at, ends_at - LONGEST_PUT_SECONDS)

    def run(self, task: Task, batch: Batch) -> Result:
        """
        :raises PermanentError, TransientError: the processing failed or took too long
        :raises BotoCoreError, ClientError: the table did not take the record; only then
        """
        message = task.message
        started = time.monotonic()
        modified = self._process(task, batch)
        processing_seconds = time.monotonic() - started
        if not batch.may_store(task):
            raise OutOfTimeError("Too late to store the record: its claim or the invocation ends")
        now = datetime.now(UTC)
        stored = self.store.put(
            Record(
                message=message,
                modified_data=modified,
                processed_at=timestamp(now),
                worker_id=batch.worker_id,
                attempt=task.delivery.attempt,
                original_text=message.text if self.settings.store_original_text else None,
                expires_at=self._expires_at(now),
            )
        )
        end_to_end = (now - datetime.fromisoformat(message.received_at)).total_seconds()
        return Result(stored, processing_seconds, end_to_end)

    def _process(self, task: Task, batch: Batch) -> str:
        expected = self._expected_seconds(task.message)
        work = partial(process, task.message.text, expected, self.settings.redaction_regions)
        job = self.faults.inject(work, task.delivery)
        available = task.store_by - time.monotonic()
        if expected > available:
            raise OutOfTimeError(
                f"The record needs {expected:.1f} s, and its claim and the invocation leave"
                f" {max(available, 0):.1f} s"
            )
        if batch.child_memory_bytes is None:
            return job()
        return run_in_child(job, timeout=available, memory_bytes=batch.child_memory_bytes)

    def _expected_seconds(self, message: Message) -> float:
        return len(message.text) * self.settings.seconds_per_char

    def _expires_at(self, now: datetime) -> int | None:
        days = self.settings.record_retention_days
        return int((now + timedelta(days=days)).timestamp()) if days else None
