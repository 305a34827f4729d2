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

from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass

from botocore.exceptions import BotoCoreError, ClientError

from pipeline.contract import Message
from pipeline.errors import InvalidInputError, TransientError
from pipeline.telemetry import Telemetry, reason
from worker.delivery import Delivery
from worker.outcome import Outcomes
from worker.queue import Queue
from worker.task import Batch, Invocation, Result, Task, TaskRunner

# Tasks that are still running this long before the invocation ends are given up: there must be time
# to release their messages and to answer.
_ANSWER_RESERVE_SECONDS = 3


@dataclass(frozen=True, slots=True)
class BatchWorker:
    queue: Queue
    runner: TaskRunner
    outcomes: Outcomes
    telemetry: Telemetry

    def process(self, deliveries: list[Delivery], invocation: Invocation) -> list[str]:
        """Returns the ids of the messages that failed."""
        tasks, failed = self._parse(deliveries)
        if tasks:
            self._claim(tasks)
            # A message that killed its process may do so again, and it may be any message of a
            # batch that was delivered before. So all messages of this batch get a child process.
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
        """Hide each message only for as long as it needs. If this process dies, its messages are
        visible again in seconds instead of after the queue's visibility timeout.

        Harmless if it fails: the queue's visibility timeout stays in force."""
        seconds_by_handle = {
            task.delivery.receipt_handle: self.runner.claim_seconds(task.message) for task in tasks
        }
        self._best_effort("claim", lambda: self.queue.claim(seconds_by_handle))

    def _run(self, tasks: list[Task], batch: Batch) -> list[str]:
        pool = ThreadPoolExecutor(max_workers=len(tasks))
        running = {pool.submit(self.runner.run, task, batch): task for task in tasks}
        failed = []
        for futures in _finished_in_time(set(running), batch.invocation):
            ended = [(running.pop(future), future) for future in futures]
            results = [(task, done.result()) for task, done in ended if not done.exception()]
            errors = [(task, error) for task, done in ended if (error := done.exception())]
            self._delete([task for task, _ in results])
            for task, result in results:
                self.outcomes.succeeded(task, result)
            for task, error in errors:
                self.outcomes.failed(*task, error)
                failed.append(task.delivery.message_id)
        batch.over.set()
        pool.shutdown(wait=False)
        for task in running.values():
            self.outcomes.failed(*task, TransientError("Not done when the invocation had to end"))
            failed.append(task.delivery.message_id)
        return failed

    def _delete(self, tasks: list[Task]) -> None:
        """Harmless if it fails: storing a log again changes nothing, and the event source mapping
        deletes the message too."""
        handles = [task.delivery.receipt_handle for task in tasks]
        if handles:
            self._best_effort("delete", lambda: self.queue.delete(handles))

    def _best_effort(self, what: str, call: Callable[[], list[str]]) -> None:
        try:
            refused = call()
        except (BotoCoreError, ClientError) as error:
            refused = [reason(error)]
        if refused:
            self.telemetry.warning(f"{what} failed", reason=", ".join(refused))


def _finished_in_time(
    pending: set[Future[Result]], invocation: Invocation
) -> Iterator[set[Future[Result]]]:
    """Yields futures as they finish, several if they finish together, until the time is up."""
    while pending:
        timeout = max(0.0, invocation.remaining() - _ANSWER_RESERVE_SECONDS)
        finished, pending = wait(pending, timeout, FIRST_COMPLETED)
        if not finished:
            return
        yield finished
