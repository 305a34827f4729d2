"""How an attempt ended: logged, counted and, if it failed, released for the next attempt."""

import time
from dataclasses import dataclass

from botocore.exceptions import BotoCoreError, ClientError

from pipeline.contract import Message
from pipeline.errors import InvalidInputError
from pipeline.telemetry import Detail, Telemetry, reason
from worker.delivery import Delivery
from worker.queue import Queue
from worker.retry import is_of_the_store, is_permanent, kind
from worker.settings import WorkerSettings
from worker.task import Result, Task


@dataclass(frozen=True, slots=True)
class Outcomes:
    """Each attempt counts as one of Stored, Duplicate, Retried (there will be another attempt) and
    Failed (it was the last one: SQS moves the message to the dead-letter queue)."""

    settings: WorkerSettings
    queue: Queue
    telemetry: Telemetry

    def succeeded(self, task: Task, result: Result) -> None:
        seconds = {"ProcessingSeconds": result.processing_seconds}
        if result.stored:
            seconds["EndToEndSeconds"] = result.end_to_end_seconds
        metric, event = ("Stored", "stored") if result.stored else ("Duplicate", "duplicate")
        self.telemetry.count(metric, event, _about(task.delivery, task.message), seconds)

    def failed(self, task: Task, error: BaseException) -> None:
        delivery = task.delivery
        # After its end SQS may deliver the message to another worker, and this one must not decide
        # when that worker's claim ends.
        is_claimed = time.monotonic() < task.claim_ends_at
        delay = self._retry_delay(delivery, error) if is_claimed else 0
        details = self._report(delivery, _about(delivery, task.message), error, delay)
        if is_claimed:
            self._release(delivery, delay, details)

    def malformed(self, delivery: Delivery, error: InvalidInputError) -> None:
        details = self._report(delivery, _about(delivery, None), error, 0)
        self._release(delivery, 0, details)

    def _report(
        self, delivery: Delivery, about: dict[str, Detail], error: BaseException, delay: int
    ) -> dict[str, Detail]:
        """Before the message is released: then the next attempt could log before this one."""
        details = about | {
            "reason": reason(error),
            "kind": kind(error),
            "retry_seconds": delay,
        }
        if self._is_last(delivery):
            self.telemetry.count("Failed", "failed", details, level="error")
        else:
            self.telemetry.count("Retried", "retried", details, level="warning")
        return details

    def _release(self, delivery: Delivery, delay: int, details: dict[str, Detail]) -> None:
        try:
            self.queue.release(delivery.receipt_handle, after_seconds=delay)
        except (BotoCoreError, ClientError) as error:
            # Harmless: the message becomes visible when its claim ends.
            self.telemetry.warning("backoff failed", **details, cause=reason(error))

    def _retry_delay(self, delivery: Delivery, error: BaseException) -> int:
        if self._is_last(delivery) or is_permanent(error):
            return 0
        settings = self.settings
        backoff = settings.store_retry if is_of_the_store(error) else settings.message_retry
        return backoff.seconds(delivery.attempt)

    def _is_last(self, delivery: Delivery) -> bool:
        return delivery.attempt >= self.settings.max_receive_count


def _about(delivery: Delivery, message: Message | None) -> dict[str, Detail]:
    about: dict[str, Detail] = {"message_id": delivery.message_id, "attempt": delivery.attempt}
    if message is not None:
        about |= {
            "tenant_id": message.tenant_id,
            "log_id": message.log_id,
            "request_id": message.request_id,
        }
    return about
