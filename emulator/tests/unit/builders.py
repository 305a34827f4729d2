"""What several unit tests build, and fakes named by their behaviour."""

import threading
from collections.abc import Callable
from typing import Any, override

from localstack.services.sqs.models import SqsMessage
from moto.apigatewayv2.models import Api

from localstack_serverless.http_api.exchange import ApiRequest

# see the fixture make_api
ApiMaker = Callable[..., Api]


def api_request(**changes: Any) -> ApiRequest:
    """A GET request to the $default route of an HTTP API."""
    fields: dict[str, Any] = {
        "api_id": "abc",
        "account_id": "000000000000",
        "region": "us-east-1",
        "stage": "$default",
        "route_key": "$default",
        "request_id": "id=",
        "method": "GET",
        "raw_path": "/",
        "raw_query": "",
        "headers": [],
        "body": b"",
        "source_ip": "127.0.0.1",
        "protocol": "HTTP/1.1",
        "scheme": "http",
        "port": "4566",
    }
    return ApiRequest(**{**fields, **changes})


def sqs_message(message_id: str = "id", body: str = "body") -> SqsMessage:
    return SqsMessage(1.0, {"MessageId": message_id, "Body": body})


class Clock:
    """Stands in for the time module: time passes when something sleeps, or when a test sets it."""

    def __init__(self) -> None:
        self.now = 100.0

    def monotonic(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds


class SetAfterBeingAsked(threading.Event):
    """An event that is not set the first `times` times that it is asked."""

    def __init__(self, times: int) -> None:
        super().__init__()
        self._left = times

    @override
    def is_set(self) -> bool:
        self._left -= 1
        return self._left < 0


class LambdaThat:
    """A Lambda service whose invocations return or raise these outcomes, one after the other."""

    def __init__(self, *outcomes: Any) -> None:
        self._outcomes = list(outcomes)

    def invoke(self, **_: Any) -> Any:
        outcome = self._outcomes.pop(0)
        if isinstance(outcome, Exception):
            raise outcome
        return outcome


class QueueWithVisibilityTimeout:
    def __init__(self, seconds: int) -> None:
        self._seconds = seconds

    def visibility_timeout(self) -> int:
        return self._seconds
