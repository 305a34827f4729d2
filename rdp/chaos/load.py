"""Sends a plan's logs at a steady rate, and records every answer."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self

import requests

from rdp.chaos.plan import Log
from rdp.ledger import Ledger
from rdp.parsing import json_object
from rdp.stack import Envelope, LogKey, QueueMessage, Stack, StackError
from rdp.stack.errors import CALL_ERRORS

_SENDERS = 24
_SLOW, FASTEST = 5.0, 60.0
"""Logs a second. A few logs are sent slowly; many take half a minute, or as long as they need."""
_SHORTEST_SECONDS, _AIM_SECONDS = 10, 30
_PAUSE_SECONDS = 8.0
"""How long a sender waits after a request without an answer, as a client that backs off."""
NO_ANSWER = 0


@dataclass(frozen=True)
class Request:
    log: Log
    version: int
    status: int
    """The HTTP status, or NO_ANSWER. A message directly to the queue counts as 202 or 500."""
    request_id: str
    """Empty if there was no answer."""
    sent_at: float
    """Seconds since the epoch."""
    answered_at: float
    """Seconds since the epoch."""


@dataclass
class Book:
    """Every request, in the order of the answers. A log's versions are sent one after the other."""

    requests: list[Request] = field(default_factory=list)

    def ledger(self) -> Ledger:
        ledger = Ledger()
        for request in self.requests:
            if request.status == 202:
                ledger.accept(*request.log.key, request.request_id)
        return ledger

    def refused(self) -> list[Log]:
        """Logs whose last version was not answered 202."""
        last = {request.log.key: request for request in self.requests}
        return [request.log for request in last.values() if request.status != 202]

    def may_hold(self) -> dict[LogKey, set[str]]:
        """The texts that each log's record may have: that of the version accepted last, or of a
        later version whose answer may have been lost."""
        allowed: dict[LogKey, set[str]] = {}
        for request in self.requests:
            if request.status == 202:
                allowed[request.log.key] = set()
            allowed.setdefault(request.log.key, set()).add(request.log.text(request.version))
        return allowed

    def tenants(self) -> set[str]:
        return {request.log.tenant_id for request in self.requests}


class Load:
    """`with Load(stack, logs, book) as load: load.wait_for(10)`

    Sending starts with the first `wait_for` of at least one log. The end of the block waits until
    all logs are sent, unless it ends with an exception.
    """

    def __init__(
        self, stack: Stack, logs: Sequence[Log], book: Book, seconds: float | None = None
    ) -> None:
        self._stack = stack
        self._book = book
        self._total = len(logs)
        self._todo = iter(enumerate(logs))
        slow = min(len(logs) / _SHORTEST_SECONDS, _SLOW)
        asked = len(logs) / seconds if seconds else max(len(logs) / _AIM_SECONDS, slow)
        self._rate = min(asked, FASTEST)
        self._sent = 0
        self._changed = threading.Condition()
        self._stopped = threading.Event()
        self._tasks: list[Future[None]] = []
        self._pool = ThreadPoolExecutor(_SENDERS, thread_name_prefix="load")

    @property
    def expected_seconds(self) -> float:
        return self._total / self._rate

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, _error: object, _trace: TracebackType | None
    ) -> None:
        if kind is not None:
            self._stopped.set()
        self._pool.shutdown()
        if kind is None:
            for task in self._tasks:
                task.result()

    def wait_for(self, count: int) -> None:
        """Wait until `count` logs were sent."""
        if count and not self._tasks:
            began = time.monotonic()
            self._tasks = [self._pool.submit(self._send_next, began) for _ in range(_SENDERS)]
        with self._changed:
            self._changed.wait_for(
                lambda: self._sent >= min(count, self._total) or self._stopped.is_set()
            )

    def _send_next(self, began: float) -> None:
        try:
            while (item := self._next()) is not None:
                number, log = item
                due = began + number / self._rate
                if self._stopped.wait(max(0.0, due - time.monotonic())):
                    return
                self._send(log)
        except BaseException:
            self._stopped.set()
            with self._changed:
                self._changed.notify_all()
            raise

    def _next(self) -> tuple[int, Log] | None:
        with self._changed:
            return next(self._todo, None)

    def _send(self, log: Log) -> None:
        for version in range(1, log.versions + 1):
            if send(self._stack, log, version, self._book) == NO_ANSWER:
                self._stopped.wait(_PAUSE_SECONDS)
        with self._changed:
            self._sent += 1
            self._changed.notify_all()


def send_again(stack: Stack, logs: Iterable[Log], book: Book) -> None:
    """Send the last version of each log again, as a client would that got no 202."""
    with ThreadPoolExecutor(_SENDERS) as pool:
        list(pool.map(lambda log: send(stack, log, log.versions, book), logs))


def send(stack: Stack, log: Log, version: int, book: Book) -> int:
    """Returns the status."""
    began = time.time()
    status, request_id = (
        _enqueue(stack, log) if log.route == "queue" else _post(stack, log, version)
    )
    book.requests.append(Request(log, version, status, request_id, began, time.time()))
    return status


def _post(stack: Stack, log: Log, version: int) -> tuple[int, str]:
    text = log.text(version)
    try:
        if log.route == "json":
            answer = stack.api.post_json(
                {"tenant_id": log.tenant_id, "log_id": log.log_id, "text": text}
            )
        else:
            answer = stack.api.post_text(log.tenant_id, text, log_id=log.log_id)
    except requests.RequestException:
        return NO_ANSWER, ""
    return answer.status_code, _request_id(answer)


def _request_id(answer: requests.Response) -> str:
    """Empty if the answer is not the pipeline's."""
    return str((json_object(answer.text) or {}).get("request_id", ""))


def _enqueue(stack: Stack, log: Log) -> tuple[int, str]:
    message = QueueMessage(tenant_id=log.tenant_id, log_id=log.log_id, text=log.text(1))
    try:
        stack.queues.short.send(Envelope.of(message, log.fault))
    except (StackError, *CALL_ERRORS):
        return 500, message.request_id
    return 202, message.request_id
