"""How an attempt ended: logged, counted and, if it failed, released for the next attempt."""

from dataclasses import dataclass

from botocore.exceptions import BotoCoreError, ClientError

from pipeline.contract import Message
from pipeline.telemetry import Detail, Telemetry, reason
from worker.delivery import Delivery
from worker.queue import Queue
from worker.retry import backoff, is_permanent
from worker.settings import WorkerSettings
from worker.task import ClaimExpiredError, Result, Task


@dataclass(frozen=True, slots=True)
class Outcomes:
    """Each attempt counts as one of Stored, Duplicate, Retried (there will be another attempt) and
    Failed (it was the last one: SQS moves the message to the dead-letter queue)."""

    settings: WorkerSettings
    queue: Queue
    telemetry: Telemetry

    def succeeded(self, task: Task, result: Result) -> None:
        self.telemetry.info(
            "stored" if result.stored else "duplicate",
            **_about(*task),
            processing_seconds=round(result.processing_seconds, 3),
            end_to_end_seconds=round(result.end_to_end_seconds, 3),
        )
        seconds = {"ProcessingSeconds": result.processing_seconds}
        if result.stored:
            seconds["EndToEndSeconds"] = result.end_to_end_seconds
        self.telemetry.emit_metrics("Stored" if result.stored else "Duplicate", **seconds)

    def failed(self, delivery: Delivery, message: Message | None, error: BaseException) -> None:
        """`message` is None where the body is malformed."""
        last = delivery.attempt >= self.settings.max_receive_count
        delay = 0 if last else self._retry_delay(delivery, error)
        details = _about(delivery, message) | {"reason": reason(error), "retry_seconds": delay}
        if last:
            self.telemetry.error("failed", **details)
        else:
            self.telemetry.warning("retried", **details)
        self.telemetry.emit_metrics("Failed" if last else "Retried")
        # Log first: once the message is visible, the next attempt could log before this one.
        # After an expired claim the message belongs to another attempt, which will release it.
        if not isinstance(error, ClaimExpiredError):
            self._release(delivery, delay, details)

    def _release(self, delivery: Delivery, delay: int, details: dict[str, Detail]) -> None:
        try:
            self.queue.release(delivery.receipt_handle, after_seconds=delay)
        except (BotoCoreError, ClientError) as error:
            # Harmless: the message becomes visible when its claim ends.
            self.telemetry.warning("backoff failed", **details, cause=reason(error))

    def _retry_delay(self, delivery: Delivery, error: BaseException) -> int:
        if is_permanent(error) or isinstance(error, ClaimExpiredError):
            return 0
        return backoff(
            delivery.attempt, base=self.settings.retry_base, maximum=self.settings.retry_max
        )


def _about(delivery: Delivery, message: Message | None) -> dict[str, Detail]:
    about: dict[str, Detail] = {"message_id": delivery.message_id, "attempt": delivery.attempt}
    if message is not None:
        about |= {
            "tenant_id": message.tenant_id,
            "log_id": message.log_id,
            "request_id": message.request_id,
        }
    return about
