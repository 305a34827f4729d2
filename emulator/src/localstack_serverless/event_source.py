"""SQS event source mappings that run batches side by side, as Lambda's pollers do.

Stock LocalStack receives a batch, waits for the function, and only then receives the next. Here
each mapping receives while its earlier batches are being processed, up to MaximumConcurrency.
https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-scaling.html
"""

import logging
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any, override

from localstack.services.lambda_.event_source_mapping import esm_worker_factory
from localstack.services.lambda_.event_source_mapping.esm_worker import EsmWorker
from localstack.services.lambda_.event_source_mapping.event_processor import (
    BatchFailureError,
    PartialBatchFailureError,
)
from localstack.services.lambda_.event_source_mapping.pollers.poller import (
    parse_batch_item_failures,
)
from localstack.services.lambda_.event_source_mapping.pollers.sqs_poller import (
    SqsPoller,
    transform_into_events,
)
from localstack.utils.patch import patch

LOG = logging.getLogger(__name__)

LONG_POLL_SECONDS = 2
DEFAULT_CONCURRENCY = 5


class ConcurrentSqsPoller(SqsPoller):
    """Receives batches for as long as there is a free invocation to take them."""

    max_concurrency = DEFAULT_CONCURRENCY

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._pool: ThreadPoolExecutor | None = None
        self._free = threading.Semaphore(self.max_concurrency)

    def limit(self, max_concurrency: int) -> None:
        self.max_concurrency = max_concurrency
        self._free = threading.Semaphore(max_concurrency)

    @override
    def poll_events(self) -> None:
        """Receive one batch and hand it over. Returns at the latest after a long poll without any,
        so that the mapping notices when it is disabled or deleted."""
        if self.is_fifo_queue:
            super().poll_events()
            return
        if not self._free.acquire(timeout=LONG_POLL_SECONDS):
            return
        handed_over = False
        try:
            if messages := self._receive():
                self._executor().submit(self._process, messages)
                handed_over = True
        finally:
            if not handed_over:
                self._free.release()

    @override
    def close(self) -> None:
        """Let the invocations under way finish; their messages are deleted as they do."""
        if self._pool:
            self._pool.shutdown(wait=False)

    def _executor(self) -> ThreadPoolExecutor:
        if self._pool is None:
            self._pool = ThreadPoolExecutor(
                self.max_concurrency, thread_name_prefix="event-source-mapping"
            )
        return self._pool

    def _receive(self) -> list[dict[str, Any]]:
        response = self.source_client.receive_message(
            QueueUrl=self.queue_url,
            MaxNumberOfMessages=min(self.batch_size, 10),
            WaitTimeSeconds=LONG_POLL_SECONDS,
            MessageAttributeNames=["All"],
            MessageSystemAttributeNames=["All"],
        )
        messages: list[dict[str, Any]] = response.get("Messages", [])
        return messages

    def _process(self, messages: list[dict[str, Any]]) -> None:
        try:
            self.handle_messages(messages)
        except BatchFailureError as error:
            # nothing is deleted: the messages come back when their visibility timeout ends
            LOG.info("batch of %d from %s failed: %s", len(messages), self.source_arn, error.error)
        except Exception:
            LOG.exception("cannot process a batch from %s", self.source_arn)
        finally:
            self._free.release()

    @override
    def handle_messages(self, messages: list[dict[str, Any]]) -> None:
        if self.filter_patterns:
            super().handle_messages(messages)
            return
        # AWS hands the body over byte for byte, where the base class parses and serialises it
        events = self.add_source_metadata(transform_into_events(messages))
        message_ids = {message["MessageId"] for message in messages}
        try:
            self.processor.process_events_batch(events)
            failed: set[str] = set()
        except PartialBatchFailureError as error:
            failed = _failed_ids(error.partial_failure_payload, message_ids)
        self.delete_messages(messages, message_ids - failed)


def _failed_ids(response: dict[str, Any], message_ids: set[str]) -> set[str]:
    """The failed messages; all of them where the response names one that is not in the batch."""
    try:
        return set(parse_batch_item_failures(response, message_ids))
    except (KeyError, ValueError):
        return message_ids


def apply_patches() -> None:
    esm_worker_factory.SqsPoller = ConcurrentSqsPoller

    @patch(esm_worker_factory.EsmWorkerFactory.get_esm_worker)
    def get_esm_worker(create: Any, self: Any) -> Any:
        worker = create(self)
        scaling = self.esm_config.get("ScalingConfig") or {}
        if isinstance(worker.poller, ConcurrentSqsPoller):
            worker.poller.limit(scaling.get("MaximumConcurrency") or DEFAULT_CONCURRENCY)
        return worker

    @patch(EsmWorker.stop)
    def stop(stop_worker: Any, self: EsmWorker) -> None:
        """Wait for the poll under way: a mapping that says Disabled takes no message any more."""
        stop_worker(self)
        if isinstance(self.poller, ConcurrentSqsPoller) and self._poller_thread:
            self._poller_thread.join(LONG_POLL_SECONDS + 1)
