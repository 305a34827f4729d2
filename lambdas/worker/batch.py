"""One batch of the queue: every record on its own, all at the same time.

Who acknowledges what: a finished record is deleted here, at once and together with those that
finish at the same moment, so that a process that dies later takes no finished work with it. A
failed one is listed in the answer (`batchItemFailures`), else the event source mapping would delete
it, and its visibility decides when it comes again: after a backoff, or at once where no attempt can
succeed. Only SQS moves a message to the dead-letter queue, after its last receipt: what it moved,
it can redrive.

Powertools' BatchProcessor would run the records one after the other, and none of this.
"""

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass

from botocore.exceptions import BotoCoreError, ClientError

from pipeline.contract import Message
from pipeline.errors import InvalidInputError, TransientError
from pipeline.queue import Queue
from pipeline.settings import WorkerSettings
from pipeline.telemetry import Telemetry, reason
from worker.delivery import Delivery
from worker.outcome import Outcomes
from worker.record import Batch, Done, Invocation, RecordWorker, Task

# What is not done so many seconds before the invocation ends is given up: time to make it visible
# again and to answer.
_ANSWER_RESERVE_SECONDS = 3


@dataclass(frozen=True, slots=True)
class BatchWorker:
    settings: WorkerSettings
    queue: Queue
    records: RecordWorker
    outcomes: Outcomes
    telemetry: Telemetry

    def process(self, deliveries: list[Delivery], invocation: Invocation) -> list[str]:
        """Returns the ids of the messages that failed."""
        tasks, failed = self._parse(deliveries)
        if tasks:
            self._claim(tasks)
            # A record that killed its process may do so again. Where one of the batch was tried
            # before, each gets a process of its own: none pays for a neighbour twice.
            isolated = any(delivery.attempt > 1 for delivery in deliveries)
            failed += self._run(tasks, Batch(invocation=invocation, isolated=isolated))
        return failed

    def _parse(self, deliveries: list[Delivery]) -> tuple[list[Task], list[str]]:
        tasks, failed = [], []
        for delivery in deliveries:
            try:
                tasks.append(Task(delivery, Message.from_body(delivery.body)))
            except InvalidInputError as error:
                self.outcomes.failed(delivery, None, error)
                failed.append(delivery.message_id)
        return tasks, failed

    def _claim(self, tasks: list[Task]) -> None:
        """Hold each message only for as long as it needs: should this process die, what it held
        comes again in seconds, not after the queue's visibility timeout. A failure is harmless."""
        seconds_by_receipt = {
            task.delivery.receipt: self.records.claim_seconds(task.message) for task in tasks
        }
        self._attempt("claim", lambda: self.queue.claim(seconds_by_receipt))

    def _run(self, tasks: list[Task], batch: Batch) -> list[str]:
        pool = ThreadPoolExecutor(max_workers=len(tasks))
        running = {pool.submit(self.records.finish, task, batch): task for task in tasks}
        failed = []
        for futures in _finished_in_time(set(running), batch.invocation):
            finished = {running.pop(future): future for future in futures}
            failures = {task: error for task, f in finished.items() if (error := f.exception())}
            done = {task: f.result() for task, f in finished.items() if task not in failures}
            self._delete(done)
            for task, outcome in done.items():
                self.outcomes.done(task, outcome)
            for task, error in failures.items():
                self.outcomes.failed(*task, error)
                failed.append(task.delivery.message_id)
        batch.over.set()
        pool.shutdown(wait=False)
        for task in running.values():
            self.outcomes.failed(*task, TransientError("Not done when the invocation had to end"))
            failed.append(task.delivery.message_id)
        return failed

    def _delete(self, done: Iterable[Task]) -> None:
        """A failure is harmless: storing again changes nothing, and the mapping deletes too."""
        receipts = [task.delivery.receipt for task in done]
        if receipts:
            self._attempt("delete", lambda: self.queue.delete(receipts))

    def _attempt(self, what: str, call: Callable[[], list[str]]) -> None:
        try:
            refused = call()
        except (BotoCoreError, ClientError) as error:
            refused = [reason(error)]
        if refused:
            self.telemetry.warning(f"{what} failed", reason=", ".join(refused))


def _finished_in_time(
    pending: set[Future[Done]], invocation: Invocation
) -> Iterator[set[Future[Done]]]:
    """Those that finished at about the same time, until all did or the time is up."""
    while pending:
        timeout = max(0.0, invocation.remaining() - _ANSWER_RESERVE_SECONDS)
        finished, pending = wait(pending, timeout, FIRST_COMPLETED)
        if not finished:
            return
        yield finished
