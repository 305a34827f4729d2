"""The poller of one event source mapping: it receives batches; each is processed in a thread."""

import json
import logging
import threading
from typing import Any, override

from localstack.services.lambda_.event_source_mapping.pollers.poller import (
    parse_batch_item_failures,
)
from localstack.services.lambda_.event_source_mapping.pollers.sqs_poller import (
    SqsPoller,
    transform_into_events,
)
from localstack.services.lambda_.invocation.lambda_models import InvocationResult

from ..execution.priority import BY_MAPPING, NICENESS
from .batching import Batch, Batcher, Record
from .invoker import BatchInvoker
from .queue import CALL_MESSAGES, Message, SourceQueue
from .scaling import Scaling

LOG = logging.getLogger(__name__)

# Less than a full batch starts another concurrent invocation only after it has waited this long.
# Until then, an invocation that ends takes the messages.
PATIENCE_SECONDS = 1


class ConcurrentSqsPoller(SqsPoller):
    def configure(self, mapping: dict[str, Any], stopping: threading.Event) -> None:
        """Read the settings that the base class does not know.

        :param stopping: set when the mapping is disabled or deleted
        """
        self._reports_item_failures = "ReportBatchItemFailures" in (
            mapping.get("FunctionResponseTypes") or []
        )
        self._stopping = stopping
        self._queue = SourceQueue(self.source_arn)
        self._batcher = Batcher(
            self._queue, self._accept, self.batch_size, self.maximum_batching_window, stopping
        )
        self._scaling = Scaling((mapping.get("ScalingConfig") or {}).get("MaximumConcurrency"))
        self._invoker = BatchInvoker(mapping["FunctionArn"], self._queue, self._scaling, stopping)

    @override
    def poll_events(self) -> None:
        """Start threads for batches until a long poll finds no message, or the mapping stops.

        FIFO queues need no special case: the queue itself withholds a message group until the
        messages that were received earlier are deleted or visible again.
        """
        while self._scaling.acquire(self._has_backlog, self._stopping):
            handed_over = False
            try:
                batch = self._batcher.next_batch()
                if batch and batch.records:
                    threading.Thread(
                        target=self._process,
                        args=[batch],
                        name=f"event-source-mapping-{batch.records[0].message_id}",
                        daemon=True,
                    ).start()
                    handed_over = True
            finally:
                if not handed_over:
                    self._scaling.release()
            if batch is None:
                self._scaling.shrink()
                return

    def _has_backlog(self, waited_seconds: float) -> bool:
        enough = 1 if waited_seconds >= PATIENCE_SECONDS else min(self.batch_size, CALL_MESSAGES)
        return self._queue.visible_messages() >= enough

    def _accept(self, messages: list[Message]) -> list[Record]:
        """Convert messages to records. Those that do not match the filter criteria are deleted from
        the queue, as on AWS."""
        events = transform_into_events(messages)
        matching = [event for event in events if self._matches(event)]
        discarded = {event["receiptHandle"] for event in events}
        discarded -= {event["receiptHandle"] for event in matching}
        self._queue.delete(list(discarded))
        return [Record.of(event) for event in self.add_source_metadata(matching)]

    def _matches(self, event: dict[str, Any]) -> bool:
        if not self.filter_patterns:
            return True
        try:
            body = json.loads(event["body"])
        except ValueError:
            body = event["body"]
        return bool(self.filter_events([{**event, "body": body}]))

    def _process(self, batch: Batch) -> None:
        NICENESS.set(BY_MAPPING)
        try:
            if result := self._invoker.invoke(batch):
                failed = self._failed(result, {record.message_id for record in batch.records})
                done = [r.receipt_handle for r in batch.records if r.message_id not in failed]
                self._queue.delete(done)
        except Exception:
            LOG.exception("cannot process a batch from %s", self.source_arn)
        finally:
            self._scaling.release()

    def _failed(self, result: InvocationResult, message_ids: set[str]) -> set[str]:
        """The ids of the messages that stay in the queue until their visibility timeout ends."""
        if result.is_error:
            if not self._reports_item_failures:
                self._scaling.back_off()
            return message_ids
        if not self._reports_item_failures:
            return set()
        try:
            return set(parse_batch_item_failures(result.payload.decode(), message_ids))
        except (KeyError, ValueError, AttributeError, TypeError):
            # on AWS a malformed response fails the whole batch
            return message_ids
