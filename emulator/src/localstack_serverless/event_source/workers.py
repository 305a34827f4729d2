"""LocalStack's workers, one for each mapping, with our poller."""

from typing import Any

from localstack.services.lambda_.event_source_mapping.esm_worker import EsmWorker
from localstack.services.lambda_.event_source_mapping.esm_worker_factory import EsmWorkerFactory

from .batching import LONG_POLL_SECONDS
from .poller import ConcurrentSqsPoller


def configure_poller(create: Any, factory: EsmWorkerFactory) -> EsmWorker:
    """Wraps EsmWorkerFactory.get_esm_worker."""
    worker = create(factory)
    if isinstance(worker.poller, ConcurrentSqsPoller):
        worker.poller.configure(factory.esm_config, worker._shutdown_event)
    return worker


def end_after_poll(end: Any, worker: EsmWorker) -> None:
    """Wraps EsmWorker.stop and EsmWorker.delete: when they return, the mapping receives no more
    messages."""
    end(worker)
    if isinstance(worker.poller, ConcurrentSqsPoller) and worker._poller_thread:
        worker._poller_thread.join(LONG_POLL_SECONDS + 1)
