"""Where the mappings of LocalStack get our poller and AWS's refusals."""

from typing import Any

from localstack.services.lambda_.event_source_mapping import esm_worker_factory
from localstack.services.lambda_.event_source_mapping.esm_worker import EsmWorker
from localstack.services.lambda_.provider import LambdaProvider
from localstack.utils.patch import patch

from .. import limits
from . import validation
from .batching import LONG_POLL_SECONDS
from .poller import ConcurrentSqsPoller


def apply_patches() -> None:
    esm_worker_factory.SqsPoller = ConcurrentSqsPoller

    @patch(esm_worker_factory.EsmWorkerFactory.get_esm_worker)
    def get_esm_worker(create: Any, self: Any) -> Any:
        worker = create(self)
        if isinstance(worker.poller, ConcurrentSqsPoller):
            worker.poller.configure(self.esm_config, worker._shutdown_event)
        return worker

    @patch(LambdaProvider.validate_event_source_mapping)
    def validate_event_source_mapping(
        validate: Any, self: LambdaProvider, context: Any, request: Any
    ) -> Any:
        limits.check_mapping(request)
        validated = validate(self, context, request)
        function_version = validated[3]
        validation.validate(request, function_version.config.timeout)
        return validated

    @patch(EsmWorker.stop)
    def stop(stop_worker: Any, self: EsmWorker) -> None:
        """A mapping that says Disabled takes no message any more."""
        stop_worker(self)
        _wait_for_poll(self)

    @patch(EsmWorker.delete)
    def delete(delete_worker: Any, self: EsmWorker) -> None:
        """Nor does one that is gone."""
        delete_worker(self)
        _wait_for_poll(self)


def _wait_for_poll(worker: EsmWorker) -> None:
    if isinstance(worker.poller, ConcurrentSqsPoller) and worker._poller_thread:
        worker._poller_thread.join(LONG_POLL_SECONDS + 1)
