"""The Lambda Runtime API of one execution environment.

https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html

There is no server thread: the thread that invokes the function talks to the runtime itself. It
waits for the runtime's connections, the function's log pipe and the end of the process at the same
time. So an invocation needs no switch between threads, and nothing runs between invocations. The
function's own calls of SQS and DynamoDB come in here too (aws_calls.py).
"""

import contextlib
import enum
import os
import selectors
import socket
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

from .. import http1
from .memory import MemoryWatch

LISTEN_BACKLOG = 64
READ_BYTES = 256 * 1024
_VERSION = "/2018-06-01/runtime/"


class Ending(enum.Enum):
    """How the wait for the runtime ended."""

    NEXT = "the runtime asks for the next invocation"
    RESPONSE = "the handler returned"
    ERROR = "the handler raised"
    INIT_ERROR = "the function could not be loaded"
    EXITED = "the process ended"
    TIMED_OUT = "the deadline passed"
    OUT_OF_MEMORY = "the process used more than its memory size"


@dataclass
class Report:
    """How the wait for the runtime ended, and what the runtime sent."""

    ending: Ending
    payload: bytes = b""


@dataclass
class _Connection:
    socket: socket.socket
    parser: http1.RequestParser = field(default_factory=http1.RequestParser)

    def answer(self, status: int, body: bytes, headers: http1.Headers) -> None:
        self.socket.sendall(http1.encode_response(status, headers, body))


class AwsCalls(Protocol):
    """Answers the function's own calls of AWS.

    :ivar gateway: host and port of LocalStack's gateway, for calls that `answer` does not answer
    """

    gateway: tuple[str, int]

    def answer(self, request: http1.Request) -> bytes | None:
        """The response, or None if the call must go to the gateway."""


class RuntimeApi:
    """Serves one runtime. Not thread-safe: an environment handles one invocation at a time.

    :param log_fd: the read end of the process's stdout and stderr; non-blocking
    :param on_log: called with what the process writes
    """

    def __init__(
        self, log_fd: int, on_log: Callable[[bytes], None], aws_calls: AwsCalls | None = None
    ) -> None:
        self._log_fd = log_fd
        self._on_log = on_log
        self._aws_calls = aws_calls
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=LISTEN_BACKLOG)
        self._listener.setblocking(False)
        self._selector = selectors.DefaultSelector()
        self._selector.register(self._listener, selectors.EVENT_READ)
        self._selector.register(log_fd, selectors.EVENT_READ)
        self._waiting: _Connection | None = None
        self._process_fd = -1
        self._memory: MemoryWatch | None = None

    @property
    def address(self) -> str:
        """The value of AWS_LAMBDA_RUNTIME_API."""
        host, port = self._listener.getsockname()[:2]
        return f"{host}:{port}"

    def watch(self, process_fd: int, memory: MemoryWatch) -> None:
        """End a wait when the process of this pidfd ends or uses more than its memory size."""
        self._process_fd = process_fd
        self._memory = memory
        self._selector.register(process_fd, selectors.EVENT_READ)

    def wait_until_ready(self, deadline: float) -> Report:
        """Wait until the runtime asks for its next invocation, or fails to."""
        if self._waiting:
            return Report(Ending.NEXT)
        return self._wait(deadline)

    def invoke(self, event: bytes, headers: list[tuple[str, str]], deadline: float) -> Report:
        """Pass the event to the waiting runtime and wait for the result.

        :param deadline: by time.monotonic()
        """
        if self._waiting is None:
            raise RuntimeError("the runtime has not asked for an invocation")
        waiting, self._waiting = self._waiting, None
        with contextlib.suppress(OSError):  # the process just died, which the wait reports
            waiting.answer(200, event, [("Content-Type", "application/json"), *headers])
        return self._wait(deadline)

    def drain_logs(self) -> None:
        """Read what the process has written so far."""
        with contextlib.suppress(BlockingIOError):
            while data := os.read(self._log_fd, READ_BYTES):
                self._on_log(data)

    def close(self) -> None:
        for key in list(self._selector.get_map().values()):
            if isinstance(key.data, _Connection):
                key.data.socket.close()
        self._selector.close()
        self._listener.close()
        os.close(self._log_fd)
        if self._process_fd >= 0:
            os.close(self._process_fd)

    def _wait(self, deadline: float) -> Report:
        if self._memory:
            self._memory.start()
        while (now := time.monotonic()) <= deadline:
            wake = deadline
            if self._memory:
                if self._memory.due <= now:
                    self._memory.look()
                if self._memory.is_outgrown:
                    return Report(Ending.OUT_OF_MEMORY)
                wake = min(deadline, self._memory.due)
            if report := self._handle_ready(self._selector.select(max(0.0, wake - now))):
                return report
        return Report(Ending.TIMED_OUT)

    def _handle_ready(self, ready: list[tuple[selectors.SelectorKey, int]]) -> Report | None:
        process_ended = False
        for key, _ in ready:
            if key.fd == self._process_fd:
                process_ended = True
            elif report := self._handle(key):
                return report
        # last, because a response that the process sent before it ended still counts
        if process_ended:
            self.drain_logs()
            return Report(Ending.EXITED)
        return None

    def _handle(self, key: selectors.SelectorKey) -> Report | None:
        if key.fd == self._log_fd:
            self._read_logs()
        elif key.fileobj is self._listener:
            self._accept()
        else:
            return self._read(key.data)
        return None

    def _read_logs(self) -> None:
        data = os.read(self._log_fd, READ_BYTES)
        if data:
            self._on_log(data)
        else:
            self._selector.unregister(self._log_fd)

    def _accept(self) -> None:
        with contextlib.suppress(BlockingIOError):
            accepted, _ = self._listener.accept()
            accepted.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            accepted.setblocking(True)
            self._selector.register(accepted, selectors.EVENT_READ, _Connection(accepted))

    def _read(self, connection: _Connection) -> Report | None:
        try:
            data = connection.socket.recv(READ_BYTES)
            requests = connection.parser.feed(data) if data else []
        except (ConnectionResetError, http1.MalformedRequestError):
            data, requests = b"", []
        if not data:
            self._selector.unregister(connection.socket)
            connection.socket.close()
        elif connection.parser.expects_continue:
            connection.socket.sendall(http1.CONTINUE)
            connection.parser.expects_continue = False
        # neither the runtime nor an SDK pipelines requests
        return self._request(connection, requests[0]) if requests else None

    def _request(self, connection: _Connection, request: http1.Request) -> Report | None:
        if not request.target.startswith(_VERSION):
            self._call_aws(connection, request)
            return None
        if request.target == f"{_VERSION}invocation/next":
            # answered by the next call of invoke()
            self._waiting = connection
            return Report(Ending.NEXT)
        ending = self._ending(request.target)
        if ending is None or request.method != "POST":
            connection.answer(404, b'{"errorMessage": "Not Found"}', [])
            return None
        connection.answer(202, b'{"status": "OK"}', [("Content-Type", "application/json")])
        return Report(ending, request.body)

    def _call_aws(self, connection: _Connection, request: http1.Request) -> None:
        if self._aws_calls is None:
            connection.answer(404, b"", [])
        elif response := self._aws_calls.answer(request):
            with contextlib.suppress(OSError):  # the process may have died meanwhile
                connection.socket.sendall(response)
        else:
            # and whatever else comes on this connection before it ends
            self._selector.unregister(connection.socket)
            threading.Thread(
                target=http1.tunnel,
                args=(connection.socket, self._aws_calls.gateway, request.encode()),
                name="aws-calls",
                daemon=True,
            ).start()

    @staticmethod
    def _ending(path: str) -> Ending | None:
        if path == f"{_VERSION}init/error":
            return Ending.INIT_ERROR
        if path.startswith(f"{_VERSION}invocation/") and path.endswith("/response"):
            return Ending.RESPONSE
        if path.startswith(f"{_VERSION}invocation/") and path.endswith("/error"):
            return Ending.ERROR
        return None
