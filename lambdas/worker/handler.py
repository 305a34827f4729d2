"""The worker function's entry point: takes a batch from SQS, answers with a partial batch response.

https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html
"""

import os
import time
from functools import cache
from typing import TYPE_CHECKING, TypedDict

from botocore.session import get_session

from pipeline.aws import Patience, sqs_client
from pipeline.environment import Environment, SettingsError
from pipeline.telemetry import Telemetry
from worker.batch import BatchWorker
from worker.delivery import Delivery, SqsEvent
from worker.faults import Faults
from worker.outcome import Outcomes
from worker.queue import Queue
from worker.settings import WorkerSettings
from worker.store import Store, dynamodb_client
from worker.task import Invocation, TaskRunner

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext

# A call that takes longer is not worth its wait: without a claim or a release, a message becomes
# visible when the queue's own timeout ends.
_PATIENCE = Patience(attempts=2, read_seconds=5)


class _BatchItemFailure(TypedDict):
    itemIdentifier: str


class BatchResponse(TypedDict):
    batchItemFailures: list[_BatchItemFailure]


@cache
def _workers() -> dict[str, BatchWorker]:
    """By the names of the queues. All messages of an event come from one queue."""
    settings = WorkerSettings.from_environment(Environment(os.environ))
    session = get_session()
    client = sqs_client(session, _PATIENCE)
    store = Store(dynamodb_client(session), settings.table_name)
    runner = TaskRunner(settings, store, Faults(settings.fault_injection))
    telemetry = Telemetry.from_environment(settings.redaction_regions)
    return {
        url.rpartition("/")[2]: BatchWorker(
            queue := Queue(client, url), runner, Outcomes(settings, queue, telemetry), telemetry
        )
        for url in settings.queue_urls
    }


def handler(event: SqsEvent, context: "LambdaContext") -> BatchResponse:
    deliveries = [Delivery.from_sqs_record(record) for record in event["Records"]]
    invocation = Invocation(
        worker_id=context.log_stream_name,
        ends_at=time.monotonic() + context.get_remaining_time_in_millis() / 1000,
    )
    failed = _worker(event).process(deliveries, invocation)
    return {"batchItemFailures": [{"itemIdentifier": message_id} for message_id in failed]}


def _worker(event: SqsEvent) -> BatchWorker:
    source = event["Records"][0]["eventSourceARN"]
    try:
        return _workers()[source.rpartition(":")[2]]
    except KeyError:
        raise SettingsError(
            f"The messages come from {source}: QUEUE_URL and LONG_QUEUE_URL name other queues"
        ) from None
