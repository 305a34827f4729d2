"""SQS event source mappings that run batches side by side, as Lambda's pollers do.

Stock LocalStack receives a batch, waits for the function, and only then receives the next. Here
each mapping receives while its earlier batches are being processed, up to MaximumConcurrency.
https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-scaling.html
"""

import json
import logging
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any, override

from localstack.aws.api.lambda_ import InvocationType
from localstack.services.lambda_.api_utils import function_locators_from_arn
from localstack.services.lambda_.event_source_mapping import esm_worker_factory
from localstack.services.lambda_.event_source_mapping.esm_worker import EsmWorker
from localstack.services.lambda_.event_source_mapping.pollers.poller import (
    parse_batch_item_failures,
)
from localstack.services.lambda_.event_source_mapping.pollers.sqs_poller import (
    SqsPoller,
    transform_into_events,
)
from localstack.utils.aws.arns import parse_arn
from localstack.utils.patch import patch
from localstack.utils.strings import long_uid

from .services import lambda_service, sqs_context, sqs_provider

LOG = logging.getLogger(__name__)

LONG_POLL_SECONDS = 2
DEFAULT_CONCURRENCY = 5

Messages = list[dict[str, Any]]


class ConcurrentSqsPoller(SqsPoller):
    """Receives batches for as long as there is a free invocation to take them.

    FIFO queues and filter criteria go the way of the base class, one batch at a time.
    """

    def configure(self, mapping: dict[str, Any]) -> None:
        """Take over the settings that the base class does not know."""
        scaling = mapping.get("ScalingConfig") or {}
        self._max_concurrency = scaling.get("MaximumConcurrency") or DEFAULT_CONCURRENCY
        self._reports_item_failures = "ReportBatchItemFailures" in (
            mapping.get("FunctionResponseTypes") or []
        )
        self._function_arn = mapping["FunctionArn"]
        self._free = threading.Semaphore(self._max_concurrency)
        self._pool: ThreadPoolExecutor | None = None
        queue = parse_arn(self.source_arn)
        self._context = sqs_context(queue["account"], queue["region"])

    @override
    def poll_events(self) -> None:
        """Receive one batch and hand it over. Returns at the latest after a long poll without any,
        so that the mapping notices when it is disabled or deleted."""
        if self.is_fifo_queue or self.filter_patterns:
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
                self._max_concurrency, thread_name_prefix="event-source-mapping"
            )
        return self._pool

    def _receive(self) -> Messages:
        response = sqs_provider().receive_message(
            self._context,
            self.queue_url,
            message_attribute_names=["All"],
            message_system_attribute_names=["All"],
            max_number_of_messages=min(self.batch_size, 10),
            wait_time_seconds=LONG_POLL_SECONDS,
        )
        return response["Messages"] or []

    def _process(self, messages: Messages) -> None:
        try:
            failed = self._invoke(messages)
            self._delete([message for message in messages if message["MessageId"] not in failed])
        except Exception:
            LOG.exception("cannot process a batch from %s", self.source_arn)
        finally:
            self._free.release()

    def _invoke(self, messages: Messages) -> set[str]:
        """Invoke the function; returns the ids of the messages that stay in the queue, where their
        visibility timeout decides when they come again."""
        records = self.add_source_metadata(transform_into_events(messages))
        name, qualifier, account_id, region = function_locators_from_arn(self._function_arn)
        result = lambda_service().invoke(
            function_name=name,
            qualifier=qualifier,
            region=region,
            account_id=account_id,
            invocation_type=InvocationType.RequestResponse,
            client_context=None,
            request_id=long_uid(),
            payload=json.dumps({"Records": records}).encode(),
        )
        message_ids = {message["MessageId"] for message in messages}
        if result.is_error:
            return message_ids
        if not self._reports_item_failures:
            return set()
        try:
            return set(parse_batch_item_failures(result.payload.decode(), message_ids))
        except (KeyError, ValueError, AttributeError, TypeError):
            # AWS takes a malformed response for the failure of the whole batch
            return message_ids

    def _delete(self, messages: Messages) -> None:
        if messages:
            entries = [
                {"Id": str(number), "ReceiptHandle": message["ReceiptHandle"]}
                for number, message in enumerate(messages)
            ]
            sqs_provider().delete_message_batch(self._context, self.queue_url, entries)


def apply_patches() -> None:
    esm_worker_factory.SqsPoller = ConcurrentSqsPoller

    @patch(esm_worker_factory.EsmWorkerFactory.get_esm_worker)
    def get_esm_worker(create: Any, self: Any) -> Any:
        worker = create(self)
        if isinstance(worker.poller, ConcurrentSqsPoller):
            worker.poller.configure(self.esm_config)
        return worker

    @patch(EsmWorker.stop)
    def stop(stop_worker: Any, self: EsmWorker) -> None:
        """Wait for the poll under way: a mapping that says Disabled takes no message any more."""
        stop_worker(self)
        if isinstance(self.poller, ConcurrentSqsPoller) and self._poller_thread:
            self._poller_thread.join(LONG_POLL_SECONDS + 1)
