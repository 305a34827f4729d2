"""AWS in memory, below botocore.

The clients are real: they validate parameters, serialise requests and parse errors. Only the HTTP
exchange is replaced, by services that keep their state in memory.
"""

import io
import json
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any, Self

import boto3
from botocore.awsrequest import AWSResponse
from botocore.compat import HTTPHeaders
from botocore.config import Config
from botocore.exceptions import EndpointConnectionError

Payload = dict[str, Any]


class ServiceError(Exception):
    """An error response of AWS."""

    def __init__(self, code: str, message: str = "", status: int = 400) -> None:
        super().__init__(code)
        self.status = status
        self.payload = {"__type": code, "message": message}


class InMemoryService:
    """Each operation is answered by the method with its name in snake case."""

    def __init__(self, name: str) -> None:
        self.calls: Counter[str] = Counter()
        self.requests: defaultdict[str, list[Payload]] = defaultdict(list)
        """What was asked of each operation."""
        self._seconds = 0.0
        self._lost: set[str] = set()
        self._faults: dict[str, Exception] = {}
        self._interrupts: dict[str, int] = {}
        self._name = name

    @contextmanager
    def attached(self) -> Iterator[Self]:
        """Inside the context the client talks to this service."""
        events = self.client.meta.events
        events.register("before-send", self.answer)
        yield self
        events.unregister("before-send", self.answer)

    @property
    def client(self) -> Any:
        return _client(self._name)

    def refuses(self, operation: str, code: str, message: str = "", status: int = 400) -> None:
        self._faults[operation] = ServiceError(code, message, status)

    def answers_after(self, seconds: float) -> None:
        self._seconds = seconds

    def loses_answer(self, operation: str) -> None:
        """The operation happens, but the client learns only that something went wrong."""
        self._lost.add(operation)

    def recovers(self) -> None:
        self._faults.clear()
        self._lost.clear()

    def is_unreachable(self) -> None:
        self._faults["*"] = EndpointConnectionError(endpoint_url="https://unreachable")

    def interrupts(self, operation: str, *, call: int) -> None:
        """Somebody presses Ctrl-C during the call with this number."""
        self._interrupts[operation] = call

    def answer(self, **sending: Any) -> Any:
        """A handler of botocore's `before-send`: it returns the response."""
        request = sending["request"]
        operation = sending["event_name"].rpartition(".")[2]
        asked = json.loads(request.body or "{}")
        self.calls[operation] += 1
        self.requests[operation].append(asked)
        if self._seconds:
            time.sleep(self._seconds)
        if self.calls[operation] == self._interrupts.get(operation):
            raise KeyboardInterrupt
        try:
            self._fail(operation)
            status, payload = 200, self._operation(operation)(asked)
        except ServiceError as error:
            status, payload = error.status, error.payload
        if operation in self._lost:
            status, payload = 500, ServiceError("InternalError").payload
        body = _Body(json.dumps(payload).encode())
        return AWSResponse(request.url, status, HTTPHeaders(), body)

    def _fail(self, operation: str) -> None:
        fault = self._faults.get(operation) or self._faults.get("*")
        if fault:
            raise fault

    def _operation(self, name: str) -> Callable[[Payload], Payload]:
        snake = "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in name)
        operation: Callable[[Payload], Payload] = getattr(self, snake.lstrip("_"))
        return operation


class _Body(io.BytesIO):
    def stream(self, **_: object) -> Iterator[bytes]:
        yield self.read()


@cache
def _client(name: str) -> Any:
    # One attempt only, so that no test waits for a backoff.
    config = Config(retries={"mode": "standard", "total_max_attempts": 1})
    return boto3.client(
        name,  # type: ignore[call-overload]
        region_name="us-east-1",
        endpoint_url=f"https://{name}.us-east-1.amazonaws.com",
        aws_access_key_id="test",
        aws_secret_access_key="test",  # noqa: S106
        config=config,
    )
