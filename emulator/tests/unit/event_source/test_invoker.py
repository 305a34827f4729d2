"""A batch is invoked again if Lambda fails, but not if it refuses."""

import threading

import pytest
from localstack.aws.api.lambda_ import ResourceNotFoundException, TooManyRequestsException
from localstack.services.lambda_.invocation.lambda_models import InvocationResult

from localstack_serverless.event_source.batching import Batch
from localstack_serverless.event_source.invoker import BatchInvoker
from localstack_serverless.event_source.scaling import Scaling

from ..builders import LambdaThat, QueueWithVisibilityTimeout

FUNCTION_ARN = "arn:aws:lambda:us-east-1:000000000000:function:worker"
ANSWER = InvocationResult("id", b"null", is_error=False, logs="")


def invoker(
    service: LambdaThat,
    *,
    visibility_timeout: int = 900,
    stopping: threading.Event | None = None,
) -> BatchInvoker:
    return BatchInvoker(
        FUNCTION_ARN,
        QueueWithVisibilityTimeout(visibility_timeout),
        Scaling(10),
        stopping or threading.Event(),
        find_service=lambda: service,
        first_retry_seconds=0.001,
    )


@pytest.mark.parametrize(
    "failure", [TooManyRequestsException(), RuntimeError("dictionary changed size")]
)
def test_batch_does_not_wait_for_the_visibility_timeout(failure: Exception) -> None:
    assert invoker(LambdaThat(failure, failure, ANSWER)).invoke(Batch()) is ANSWER


def test_function_that_is_gone_is_not_tried_again() -> None:
    service = LambdaThat(ResourceNotFoundException(), ANSWER)
    with pytest.raises(ResourceNotFoundException):
        invoker(service).invoke(Batch())


def test_batch_whose_messages_become_visible_is_given_up() -> None:
    service = LambdaThat(TooManyRequestsException(), ANSWER)
    assert invoker(service, visibility_timeout=0).invoke(Batch()) is None


def test_stopping_mapping_does_not_retry() -> None:
    stopping = threading.Event()
    stopping.set()
    service = LambdaThat(TooManyRequestsException(), ANSWER)
    assert invoker(service, stopping=stopping).invoke(Batch()) is None
