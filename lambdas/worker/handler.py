"""The worker function's entry point: a batch of SQS in, a partial batch response out."""

import os
from functools import cache
from typing import TYPE_CHECKING, TypedDict

from botocore.session import get_session

from pipeline.aws import WORKER, dynamodb_client, sqs_client
from pipeline.queue import Queue
from pipeline.settings import WorkerSettings
from pipeline.telemetry import Telemetry
from worker.batch import BatchWorker
from worker.delivery import Delivery, SqsEvent
from worker.outcome import Outcomes
from worker.record import Invocation, RecordWorker
from worker.store import Store

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext


class _Failure(TypedDict):
    itemIdentifier: str


class BatchResponse(TypedDict):
    batchItemFailures: list[_Failure]


@cache
def _worker() -> BatchWorker:
    settings = WorkerSettings.from_environment(os.environ)
    session = get_session()
    queue = Queue(sqs_client(session, WORKER), settings.queue_url)
    store = Store(dynamodb_client(session, WORKER), settings.table_name)
    telemetry = Telemetry.from_environment()
    records = RecordWorker(settings, store)
    return BatchWorker(settings, queue, records, Outcomes(settings, queue, telemetry), telemetry)


def handler(event: SqsEvent, context: "LambdaContext") -> BatchResponse:
    deliveries = [Delivery.from_record(record) for record in event["Records"]]
    invocation = Invocation(
        worker_id=context.log_stream_name,
        remaining=lambda: context.get_remaining_time_in_millis() / 1000,
    )
    failed = _worker().process(deliveries, invocation)
    return {"batchItemFailures": [{"itemIdentifier": message_id} for message_id in failed]}
