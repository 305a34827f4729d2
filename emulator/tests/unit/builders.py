"""What several unit tests build, and fakes named by their behaviour."""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, override

from localstack.services.sqs.models import SqsMessage
from moto.apigatewayv2.models import Api

from localstack_serverless.event_source.queue import CALL_MESSAGES, Message
from localstack_serverless.execution.runtime_api import Ending, Report
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


class QueueOf:
    """A source queue with these messages; each is received once."""

    def __init__(self, *messages: Message) -> None:
        self.messages = list(messages)

    def receive(self, most: int, _wait_seconds: float) -> list[Message]:
        count = min(most, CALL_MESSAGES)
        received, self.messages = self.messages[:count], self.messages[count:]
        return received


@dataclass
class CodeIn:
    """LocalStack's model of the code of a function that runs from a folder."""

    folder: Path
    is_hot_reloaded: bool = True

    def is_hot_reloading(self) -> bool:
        return self.is_hot_reloaded

    def get_unzipped_code_location(self) -> Path:
        return self.folder


class Process:
    """The process of a function, which returns at once, or runs until it is ended.

    :ivar ran_with: the timeout with which the handler was run
    """

    def __init__(self, *, is_busy: bool = False) -> None:
        self.ran_with: float | None = None
        self._end = Report(Ending.RESPONSE, b"done")
        self._ended = threading.Event()
        if not is_busy:
            self._ended.set()

    def run(self, timeout: float) -> Report:
        self.ran_with = timeout
        self._ended.wait(timeout)
        return self._end

    def time_out(self) -> Report:
        return Report(Ending.TIMED_OUT)

    def kill(self) -> None:
        self._end_by(Ending.EXITED)

    def exhaust_memory(self) -> None:
        self._end_by(Ending.OUT_OF_MEMORY)

    def _end_by(self, ending: Ending) -> None:
        self._end = Report(ending)
        self._ended.set()
