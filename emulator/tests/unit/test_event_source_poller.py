"""A batch is invoked again where Lambda fails, and not where it refuses."""

import threading
from types import SimpleNamespace
from typing import Any

import pytest
from localstack.aws.api.lambda_ import ResourceNotFoundException, TooManyRequestsException
from localstack.services.lambda_.invocation.lambda_models import InvocationResult

from localstack_serverless.event_source import poller
from localstack_serverless.event_source.batching import Batch
from localstack_serverless.event_source.poller import ConcurrentSqsPoller
from localstack_serverless.event_source.scaling import Scaling

ANSWER = InvocationResult("id", b"null", is_error=False, logs="")


class LambdaThat:
    """Meets its invocations with these, one after the other."""

    def __init__(self, *outcomes: Any) -> None:
        self._outcomes = list(outcomes)

    def invoke(self, **_: Any) -> Any:
        outcome = self._outcomes.pop(0)
        if isinstance(outcome, Exception):
            raise outcome
        return outcome


@pytest.fixture
def subject(monkeypatch: pytest.MonkeyPatch) -> ConcurrentSqsPoller:
    monkeypatch.setattr(poller, "FIRST_RETRY_SECONDS", 0)
    subject = ConcurrentSqsPoller.__new__(ConcurrentSqsPoller)
    subject._function_arn = "arn:aws:lambda:us-east-1:000000000000:function:worker"
    subject._queue = SimpleNamespace(visibility_timeout=lambda: 900)  # type: ignore[assignment]
    subject._stopping = threading.Event()
    subject._scaling = Scaling(10)
    return subject


@pytest.mark.parametrize(
    "failure", [TooManyRequestsException(), RuntimeError("dictionary changed size")]
)
def test_batch_does_not_wait_for_the_visibility_timeout(
    subject: ConcurrentSqsPoller, monkeypatch: pytest.MonkeyPatch, failure: Exception
) -> None:
    service = LambdaThat(failure, failure, ANSWER)
    monkeypatch.setattr(poller, "lambda_service", lambda: service)

    assert subject._invoke(Batch()) is ANSWER


def test_function_that_is_gone_is_not_tried_again(
    subject: ConcurrentSqsPoller, monkeypatch: pytest.MonkeyPatch
) -> None:
    service = LambdaThat(ResourceNotFoundException(), ANSWER)
    monkeypatch.setattr(poller, "lambda_service", lambda: service)

    with pytest.raises(ResourceNotFoundException):
        subject._invoke(Batch())
