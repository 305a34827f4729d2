"""How each record ended: logged, counted, and, where it failed, made visible again."""

from dataclasses import dataclass

from botocore.exceptions import BotoCoreError, ClientError

from pipeline.contract import Message
from pipeline.queue import Queue
from pipeline.settings import WorkerSettings
from pipeline.telemetry import Detail, Telemetry, reason
from worker.delivery import Delivery
from worker.record import ClaimExpiredError, Done, Task
from worker.retry import backoff, is_permanent


@dataclass(frozen=True, slots=True)
class Outcomes:
    """Of each attempt one: Stored, Duplicate, Retried (it comes again) or Failed (it was the last,
    and SQS moves the message to the dead-letter queue)."""

    settings: WorkerSettings
    queue: Queue
    telemetry: Telemetry

    def done(self, task: Task, done: Done) -> None:
        self.telemetry.info(
            "stored" if done.stored else "duplicate",
            **_about(*task),
            processing_seconds=round(done.processing_seconds, 3),
            end_to_end_seconds=round(done.end_to_end_seconds, 3),
        )
        seconds = {"ProcessingSeconds": done.processing_seconds}
        if done.stored:
            seconds["EndToEndSeconds"] = done.end_to_end_seconds
        self.telemetry.publish("Stored" if done.stored else "Duplicate", **seconds)

    def failed(self, delivery: Delivery, message: Message | None, error: BaseException) -> None:
        last = delivery.attempt >= self.settings.max_receive_count
        delay = 0 if last else self._delay(delivery, error)
        details = _about(delivery, message) | {"reason": reason(error), "retry_seconds": delay}
        if last:
            self.telemetry.error("failed", **details)
        else:
            self.telemetry.warning("retried", **details)
        self.telemetry.publish("Failed" if last else "Retried")
        # told first: once it is visible, the next attempt may be faster than this one's line.
        # An expired claim's message is another attempt's to make visible.
        if not isinstance(error, ClaimExpiredError):
            self._show_after(delivery, delay, details)

    def _show_after(self, delivery: Delivery, delay: int, details: dict[str, Detail]) -> None:
        try:
            self.queue.show_after(delivery.receipt, delay)
        except (BotoCoreError, ClientError) as error:
            # harmless: it comes again when its claim ends
            self.telemetry.warning("backoff failed", **details, cause=reason(error))

    def _delay(self, delivery: Delivery, error: BaseException) -> int:
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
