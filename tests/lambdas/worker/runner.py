"""Runs the worker on a batch of deliveries."""

import time
from dataclasses import dataclass, replace
from typing import Any

from pipeline.telemetry import Telemetry
from tests.lambdas.aws import QUEUE_URL, InMemoryQueue, InMemoryTable
from tests.lambdas.builders import WORKER_SETTINGS
from worker.batch import BatchWorker
from worker.delivery import Delivery
from worker.faults import Faults
from worker.outcome import Outcomes
from worker.queue import Queue
from worker.store import Store
from worker.task import Invocation, TaskRunner

WORKER_ID = "worker-1"
# No simulated work, and faults are on: what most tests need.
_SETTINGS = replace(WORKER_SETTINGS, seconds_per_char=0, fault_injection=True)


@dataclass(frozen=True)
class BatchRunner:
    queue: InMemoryQueue
    table: InMemoryTable
    telemetry: Telemetry

    def __call__(self, *deliveries: Delivery, remaining: float = 60, **changes: Any) -> list[str]:
        """Processes the deliveries as one batch, with settings changed.

        :param remaining: seconds until the invocation ends
        Returns the ids of the messages that failed.
        """
        ends_at = time.monotonic() + remaining
        settings = replace(_SETTINGS, **changes)
        queue = Queue(self.queue.client, QUEUE_URL)
        store = Store(self.table.client, settings.table_name)
        worker = BatchWorker(
            queue,
            TaskRunner(settings, store, Faults(settings.fault_injection)),
            Outcomes(settings, queue, self.telemetry),
            self.telemetry,
        )
        return worker.process(list(deliveries), Invocation(WORKER_ID, ends_at))
