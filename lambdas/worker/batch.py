"""One batch of messages: each is processed separately, all at the same time.

Who acknowledges what:

- A message that was stored is deleted here, at once, together with those that finish at the same
  moment. A process that dies later then repeats no finished work.
- A message that failed is listed in the answer (`batchItemFailures`). Otherwise the event source
  mapping would delete it. It becomes visible again after a backoff, or at once if no attempt can
  succeed.
- Only SQS moves a message to the dead-letter queue, after the last attempt. A redrive works only
  for messages that SQS moved.

Powertools' BatchProcessor would process the messages one after the other and do none of this.
"""

import time
from collections.abc import Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass

from botocore.exceptions import BotoCoreError, ClientError

from pipeline.contract import Message
from pipeline.errors import InvalidInputError
from pipeline.telemetry import Telemetry, reason
from worker.delivery import Delivery
from worker.outcome import Outcomes
from worker.queue import Queue
from worker.store import LONGEST_PUT_SECONDS
from worker.task import Batch, Invocation, OutOfTimeError, Result, Task, TaskRunner

# What the worker itself needs, with its libraries and the fork server.
_WORKER_MEMORY_MB = 128
_LEAST_CHILD_MEMORY_MB = 16

# After this, whatever ended in time is known to have ended: children are killed at `store_by`.
_END_SECONDS = 1

_Running = dict[Future[Result], Task]


@dataclass(frozen=True, slots=True)
class BatchWorker:
    queue: Queue
    runner: TaskRunner
    outcomes: Outcomes
    telemetry: Telemetry

    def process(self, deliveries: list[Delivery], invocation: Invocation) -> list[str]:
        """Returns the ids of the messages that failed."""
        messages, failed = self._parse(deliveries)
        if messages:
            tasks = self._claim(messages, invocation)
            failed += self._run(tasks, self._batch(deliveries, invocation))
        return failed

    def _parse(
        self, deliveries: list[Delivery]
    ) -> tuple[list[tuple[Delivery, Message]], list[str]]:
        messages, failed = [], []
        for delivery in deliveries:
            try:
                messages.append((delivery, Message.from_body(delivery.body)))
            except InvalidInputError as error:
                self.outcomes.malformed(delivery, error)
                failed.append(delivery.message_id)
        return messages, failed

    def _claim(
        self, messages: list[tuple[Delivery, Message]], invocation: Invocation
    ) -> list[Task]:
        """Hide each message only for as long as it needs. If this process dies, its messages are
        visible again in seconds instead of after the queue's visibility timeout.

        Harmless if the request fails: the queue's visibility timeout stays in force, and lasts
        longer."""
        claimed_at = time.monotonic()
        seconds = {
            delivery.receipt_handle: self.runner.claim_seconds(message)
            for delivery, message in messages
        }
        for handle in self._lost(seconds):
            seconds[handle] = 0
        return [
            self.runner.task(
                delivery,
                message,
                invocation,
                claim_ends_at=claimed_at + seconds[delivery.receipt_handle],
            )
            for delivery, message in messages
        ]

    def _lost(self, seconds_by_handle: dict[str, int]) -> list[str]:
        """Claims the messages. Returns those that SQS has already taken from this worker."""
        try:
            refused = self.queue.claim(seconds_by_handle)
        except (BotoCoreError, ClientError) as error:
            self.telemetry.warning("claim failed", reason=reason(error))
            return []
        if refused:
            codes = ", ".join(refusal.code for refusal in refused.values())
            self.telemetry.warning("claim failed", reason=codes)
        return [handle for handle, refusal in refused.items() if refusal.is_lost]

    def _batch(self, deliveries: list[Delivery], invocation: Invocation) -> Batch:
        # A message that killed its process may do so again, and it may be any message of a batch
        # that was delivered before. So all messages of this batch get a child process.
        isolated = any(delivery.attempt > 1 for delivery in deliveries)
        megabytes = (self.runner.settings.memory_mb - _WORKER_MEMORY_MB) // len(deliveries)
        memory = max(megabytes, _LEAST_CHILD_MEMORY_MB) << 20
        return Batch(
            worker_id=invocation.worker_id, child_memory_bytes=memory if isolated else None
        )

    def _run(self, tasks: list[Task], batch: Batch) -> list[str]:
        pool = ThreadPoolExecutor(max_workers=len(tasks))
        running = {pool.submit(self.runner.run, task, batch): task for task in tasks}
        store_by = max(task.store_by for task in tasks)
        failed = self._finish(running, until=store_by + _END_SECONDS)
        # What is being stored may end as a record, so it is not reported as failed meanwhile.
        ids = batch.close()
        storing = {f: task for f, task in running.items() if task.delivery.message_id in ids}
        failed += self._give_up(task for future, task in running.items() if future not in storing)
        failed += self._finish(storing, until=store_by + LONGEST_PUT_SECONDS)
        failed += self._give_up(storing.values())
        pool.shutdown(wait=False)
        return failed

    def _finish(self, running: _Running, *, until: float) -> list[str]:
        """Takes tasks out of `running` as they end. Returns the ids of the messages that failed."""
        failed = []
        for futures in _finished_in_time(set(running), until):
            ended = [(running.pop(future), future) for future in futures]
            results = [(task, done.result()) for task, done in ended if not done.exception()]
            errors = [(task, error) for task, done in ended if (error := done.exception())]
            self._delete([task for task, _ in results])
            for task, result in results:
                self.outcomes.succeeded(task, result)
            for task, error in errors:
                self.outcomes.failed(task, error)
                failed.append(task.delivery.message_id)
        return failed

    def _give_up(self, tasks: Iterable[Task]) -> list[str]:
        failed = []
        for task in tasks:
            error = OutOfTimeError("Not done in time: its claim or the invocation ends")
            self.outcomes.failed(task, error)
            failed.append(task.delivery.message_id)
        return failed

    def _delete(self, tasks: list[Task]) -> None:
        """Harmless if it fails: storing a log again changes nothing, and the event source mapping
        deletes the message too."""
        handles = [task.delivery.receipt_handle for task in tasks]
        if not handles:
            return
        try:
            refused = self.queue.delete(handles)
        except (BotoCoreError, ClientError) as error:
            refused = [reason(error)]
        if refused:
            self.telemetry.warning("delete failed", reason=", ".join(refused))


def _finished_in_time(pending: set[Future[Result]], until: float) -> Iterator[set[Future[Result]]]:
    """Yields futures as they finish, several if they finish together, until the time is up."""
    while pending:
        timeout = max(0.0, until - time.monotonic())
        finished, pending = wait(pending, timeout, FIRST_COMPLETED)
        if not finished:
            return
        yield finished
