"""The poller of one event source mapping: it receives batches, and a thread each processes them."""

import json
import logging
import threading
import time
from functools import partial
from typing import Any, override

from localstack.aws.api import ServiceException
from localstack.aws.api.lambda_ import InvocationType, TooManyRequestsException
from localstack.services.lambda_.api_utils import function_locators_from_arn
from localstack.services.lambda_.event_source_mapping.pollers.poller import (
    parse_batch_item_failures,
)
from localstack.services.lambda_.event_source_mapping.pollers.sqs_poller import (
    SqsPoller,
    transform_into_events,
)
from localstack.services.lambda_.invocation.lambda_models import InvocationResult
from localstack.utils.strings import long_uid

from ..chaos.faults import ResponseLostError, SimulatedError, pass_call
from ..chaos.rules import Call
from ..execution.priority import BY_MAPPING, NICENESS
from ..services import lambda_service
from .batching import Batch, Batcher, Record
from .queue import CALL_MESSAGES, Message, SourceQueue
from .scaling import Scaling

LOG = logging.getLogger(__name__)

# Fewer messages than a batch are worth another place once they have waited this long: until then, a
# batch that ends takes them.
PATIENCE_SECONDS = 1
FIRST_RETRY_SECONDS, LONGEST_RETRY_SECONDS = 0.5, 5


class ConcurrentSqsPoller(SqsPoller):
    def configure(self, mapping: dict[str, Any], stopping: threading.Event) -> None:
        """Take over the settings that the base class does not know.

        :param stopping: set when the mapping is disabled or deleted
        """
        self._function_arn = mapping["FunctionArn"]
        self._reports_item_failures = "ReportBatchItemFailures" in (
            mapping.get("FunctionResponseTypes") or []
        )
        self._stopping = stopping
        self._queue = SourceQueue(self.source_arn)
        self._batcher = Batcher(
            self._queue, self._accept, self.batch_size, self.maximum_batching_window, stopping
        )
        self._scaling = Scaling((mapping.get("ScalingConfig") or {}).get("MaximumConcurrency"))

    @override
    def poll_events(self) -> None:
        """Hand over batches until a long poll finds none, or the mapping stops.

        A FIFO queue needs nothing more: it gives out no message of a message group before those
        that were received earlier are deleted or visible again.
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
        """The messages as records, without those that the filter criteria discard; these are
        deleted, as on AWS."""
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
            if result := self._invoke(batch):
                failed = self._failed(result, {record.message_id for record in batch.records})
                done = [r.receipt_handle for r in batch.records if r.message_id not in failed]
                self._queue.delete(done)
        except Exception:
            LOG.exception("cannot process a batch from %s", self.source_arn)
        finally:
            self._scaling.release()

    def _invoke(self, batch: Batch) -> InvocationResult | None:
        """Invoke the function, again and again where it is throttled or cannot be called, until the
        messages are about to be visible again; then None. A mapping that stops does not try again.
        https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html
        """
        name, qualifier, account_id, region = function_locators_from_arn(self._function_arn)
        call = Call("lambda", "Invoke", region, name)
        invoke = partial(
            lambda_service().invoke,
            function_name=name,
            qualifier=qualifier,
            region=region,
            account_id=account_id,
            invocation_type=InvocationType.RequestResponse,
            client_context=None,
            payload=batch.payload,
        )
        pause = FIRST_RETRY_SECONDS
        while True:
            try:
                return pass_call(call, lambda: invoke(request_id=long_uid()))
            except (TooManyRequestsException, SimulatedError, ResponseLostError):
                pass
            except ServiceException:
                raise
            except Exception:
                # an error of Lambda itself: its messages must not wait for the visibility timeout
                LOG.exception("cannot invoke %s, trying again", name)
            self._scaling.back_off()
            visible_at = batch.began + self._queue.visibility_timeout()
            if time.monotonic() + pause >= visible_at or self._stopping.wait(pause):
                return None
            pause = min(2 * pause, LONGEST_RETRY_SECONDS)

    def _failed(self, result: InvocationResult, message_ids: set[str]) -> set[str]:
        """The ids of the messages that stay in the queue, where their visibility timeout decides
        when they come again."""
        if result.is_error:
            if not self._reports_item_failures:
                self._scaling.back_off()
            return message_ids
        if not self._reports_item_failures:
            return set()
        try:
            return set(parse_batch_item_failures(result.payload.decode(), message_ids))
        except (KeyError, ValueError, AttributeError, TypeError):
            # AWS takes a malformed response for the failure of the whole batch
            return message_ids
