"""The worker function's entry point: takes a batch from SQS, answers with a partial batch response.

https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html
"""

import os
from functools import cache
from typing import TYPE_CHECKING, TypedDict

from botocore.session import get_session

from pipeline.aws import Patience, sqs_client
from pipeline.environment import Environment
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

# At most 25 s a call, which is less than a claim's margin, and then the queue retries. A shorter
# read timeout would retry sooner and add load to a service that is already slow.
_PATIENCE = Patience(attempts=2, read_seconds=10)


class _BatchItemFailure(TypedDict):
    itemIdentifier: str


class BatchResponse(TypedDict):
    batchItemFailures: list[_BatchItemFailure]


@cache
def _worker() -> BatchWorker:
    settings = WorkerSettings.from_environment(Environment(os.environ))
    session = get_session()
    queue = Queue(sqs_client(session, _PATIENCE), settings.queue_url)
    store = Store(dynamodb_client(session, _PATIENCE), settings.table_name)
    telemetry = Telemetry.from_environment()
    return BatchWorker(
        queue,
        TaskRunner(settings, store, Faults(settings.fault_injection)),
        Outcomes(settings, queue, telemetry),
        telemetry,
    )


def handler(event: SqsEvent, context: "LambdaContext") -> BatchResponse:
    deliveries = [Delivery.from_sqs_record(record) for record in event["Records"]]
    invocation = Invocation(
        worker_id=context.log_stream_name,
        remaining=lambda: context.get_remaining_time_in_millis() / 1000,
    )
    failed = _worker().process(deliveries, invocation)
    return {"batchItemFailures": [{"itemIdentifier": message_id} for message_id in failed]}
