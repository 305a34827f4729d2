"""Invokes a mapping's function with a batch, until Lambda accepts it."""

import logging
import threading
import time
from collections.abc import Callable
from functools import partial
from typing import Any, Protocol

from localstack.aws.api import ServiceException
from localstack.aws.api.lambda_ import InvocationType, TooManyRequestsException
from localstack.services.lambda_.api_utils import function_locators_from_arn
from localstack.services.lambda_.invocation.lambda_models import InvocationResult
from localstack.utils.strings import long_uid

from ..faults.injection import ResponseLostError, SimulatedError, pass_call
from ..faults.rules import Call
from ..services import lambda_service
from .batching import Batch
from .scaling import Scaling

LOG = logging.getLogger(__name__)

FIRST_RETRY_SECONDS, LONGEST_RETRY_SECONDS = 0.5, 5


class Source(Protocol):
    """Where the messages come from (see queue.SourceQueue)."""

    def visibility_timeout(self) -> int: ...


class BatchInvoker:
    """
    :param scaling: reduced when the function is throttled or cannot be invoked
    :param stopping: set when the mapping is disabled or deleted
    :param find_service: returns LocalStack's Lambda service
    """

    def __init__(  # noqa: PLR0913
        self,
        function_arn: str,
        source: Source,
        scaling: Scaling,
        stopping: threading.Event,
        *,
        find_service: Callable[[], Any] = lambda_service,
        first_retry_seconds: float = FIRST_RETRY_SECONDS,
    ) -> None:
        self._function_arn = function_arn
        self._source = source
        self._scaling = scaling
        self._stopping = stopping
        self._find_service = find_service
        self._first_retry_seconds = first_retry_seconds

    def invoke(self, batch: Batch) -> InvocationResult | None:
        """Retry while the function is throttled or Lambda fails, until the messages are about to
        become visible again; then return None. A mapping that is stopping does not retry.

        https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html

        :raises ServiceException: Lambda refuses the invocation
        """
        name, qualifier, account_id, region = function_locators_from_arn(self._function_arn)
        call = Call("lambda", "Invoke", region, name)
        invoke = partial(
            self._find_service().invoke,
            function_name=name,
            qualifier=qualifier,
            region=region,
            account_id=account_id,
            invocation_type=InvocationType.RequestResponse,
            client_context=None,
            payload=batch.payload,
        )
        pause = self._first_retry_seconds
        while True:
            try:
                return pass_call(call, lambda: invoke(request_id=long_uid()))
            except (TooManyRequestsException, SimulatedError, ResponseLostError):
                pass
            except ServiceException:
                raise
            except Exception:
                # an error in Lambda itself, which must not cost the batch its visibility timeout
                LOG.exception("cannot invoke %s, trying again", name)
            self._scaling.back_off()
            visible_at = batch.began + self._source.visibility_timeout()
            if time.monotonic() + pause >= visible_at or self._stopping.wait(pause):
                return None
            pause = min(2 * pause, LONGEST_RETRY_SECONDS)
