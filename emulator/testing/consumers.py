"""Event source mappings from a queue to a function that reports the events that it gets."""

import json
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from .functions import Function, FunctionFactory
from .queues import Queue, QueueFactory

MAPPING_SECONDS = 30
MAX_FUNCTION_SECONDS = 20
PARTIAL: dict[str, Any] = {"FunctionResponseTypes": ["ReportBatchItemFailures"]}
# long enough for a cold start, so that it does not fail the invocation
RETRY = 5

# Reports each event to the queue OUT, then returns the value of the expression.
CONSUMER = """
import boto3, json, os, time
sqs = boto3.client("sqs")
def handler(event, context):
    began = time.time()
    answer, error = None, None
    try:
        answer = {expression}
    except Exception as raised:
        error = raised
    report = {{"event": event, "version": context.function_version, "began": began,
              "ended": time.time()}}
    sqs.send_message(QueueUrl=os.environ["OUT"], MessageBody=json.dumps(report))
    if error:
        raise error
    return answer
"""


def bodies(records: list[dict[str, Any]]) -> list[str]:
    return [record["body"] for record in records]


def most_at_once(reports: list[dict[str, Any]]) -> int:
    """The largest number of invocations that ran at the same time."""
    spans = [(report["began"], report["ended"]) for report in reports]
    return max(len([at for begin, end in spans if begin <= at < end]) for at, _ in spans)


@dataclass
class Consumer:
    """A queue, a function that reports the events that it gets, and the mapping between them."""

    source: Queue
    reports: Queue
    function: Function
    mapping: str = ""
    _seen: list[dict[str, Any]] = field(default_factory=list)

    def connect(self, function_name: str, **settings: Any) -> None:
        lambda_ = self.source.aws.lambda_
        created = lambda_.create_event_source_mapping(
            EventSourceArn=self.source.arn, FunctionName=function_name, **settings
        )
        self.mapping = created["UUID"]
        if settings.get("Enabled", True):
            self.wait_for_state("Enabled")

    def disconnect(self) -> None:
        """Delete the mapping, unless it is deleted already."""
        lambda_ = self.source.aws.lambda_
        with suppress(lambda_.exceptions.ResourceNotFoundException):
            lambda_.delete_event_source_mapping(UUID=self.mapping)

    def set_enabled(self, enabled: bool) -> None:
        lambda_ = self.source.aws.lambda_
        lambda_.update_event_source_mapping(UUID=self.mapping, Enabled=enabled)
        self.wait_for_state("Enabled" if enabled else "Disabled")

    def wait_for_state(self, state: str) -> None:
        lambda_ = self.source.aws.lambda_
        self.source.aws.wait_until(
            lambda: lambda_.get_event_source_mapping(UUID=self.mapping)["State"] == state,
            MAPPING_SECONDS,
        )

    def invocations(self, count: int = 1, seconds: float = 20) -> list[dict[str, Any]]:
        """The reports of all invocations so far, once there are `count`."""
        aws = self.source.aws

        def probe() -> bool:
            self._collect(1)
            return len(self._seen) >= count

        aws.wait_until(probe, seconds)
        return self._seen

    def records(self, count: int = 1, seconds: float = 20) -> list[dict[str, Any]]:
        """The records of all invocations so far, once there are `count`."""

        def probe() -> bool:
            self._collect(1)
            return len(self._records()) >= count

        self.source.aws.wait_until(probe, seconds)
        return self._records()

    def records_within(self, seconds: int) -> list[dict[str, Any]]:
        """All records that arrived within these seconds; shows that others did not."""
        for _ in range(seconds):
            self._collect(1)
        return self._records()

    def _records(self) -> list[dict[str, Any]]:
        return [record for report in self._seen for record in report["event"]["Records"]]

    def _collect(self, wait: int) -> None:
        for message in self.reports.receive_now(WaitTimeSeconds=wait):
            self.reports.delete_message(message)
            self._seen.append(json.loads(message["Body"]))


@dataclass
class ConsumerFactory:
    """consume(expression, **settings of the mapping): a Consumer.

    The expression is what the function returns for an `event`; what it fails comes again after
    `retry_seconds`, the visibility timeout of the queue where none is given.
    """

    deploy: FunctionFactory
    queue_of: QueueFactory

    def __call__(
        self,
        expression: str = "None",
        *,
        source: Queue | None = None,
        retry_seconds: int = 30,
        **settings: Any,
    ) -> Consumer:
        consumer = self.unconnected(expression, source, retry_seconds)
        consumer.connect(consumer.function.name, **settings)
        return consumer

    def unconnected(
        self, expression: str = "None", source: Queue | None = None, retry_seconds: int = 30
    ) -> Consumer:
        source = source or self.queue_of(VisibilityTimeout=str(retry_seconds))
        timeout = min(retry_seconds, MAX_FUNCTION_SECONDS)
        reports = self.queue_of()
        code = CONSUMER.format(expression=expression)
        function = self.deploy(code, timeout=timeout, OUT=reports.url)
        consumer = Consumer(source, reports, function)
        self.deploy.cleanup.callback(consumer.disconnect)
        return consumer
