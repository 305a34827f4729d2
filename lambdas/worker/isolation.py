"""Processing in a child process: whatever a record does to its process, it does to its own.

The child is a fork, but not of the worker: the worker has threads, and a fork copies their locks.
It is a fork of a process of a single thread that the first such record starts
(worker/fork_server.py); a fresh interpreter for each would cost twenty times as much.
"""

import atexit
import json
import signal
import socket
import subprocess
import sys
import threading
from pathlib import Path

from pipeline.errors import PermanentError, TransientError
from worker.processing import Job

# -m finds the package in the working directory. -S leaves out site-packages: it needs none.
_COMMAND = (sys.executable, "-S", "-m", "worker.fork_server")
_ROOT = Path(__file__).parent.parent


class _ForkServer:
    """The process that forks, started when it is needed and not there."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._running: tuple[subprocess.Popen[bytes], socket.socket] | None = None
        atexit.register(self.close)

    def hand_over(self, connection: socket.socket) -> None:
        """A process of its own serves the connection from now on."""
        with self._lock:
            try:
                self._send(connection)
            except OSError:
                # it was killed since the last record
                self.close()
                self._send(connection)

    def close(self) -> None:
        if self._running is not None:
            process, control = self._running
            self._running = None
            control.close()
            process.wait()

    def _send(self, connection: socket.socket) -> None:
        if self._running is None:
            self._running = _start()
        _, control = self._running
        socket.send_fds(control, [b"\0"], [connection.fileno()])


def _start() -> tuple[subprocess.Popen[bytes], socket.socket]:
    # packets keep their connections apart
    mine, its = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with its:
        process = subprocess.Popen(  # noqa: S603
            _COMMAND,
            stdin=its.fileno(),
            stdout=subprocess.DEVNULL,
            # a traceback may quote the text
            stderr=subprocess.DEVNULL,
            cwd=_ROOT,
        )
    return process, mine


_fork_server = _ForkServer()


def process_in_child(job: Job, *, timeout: float) -> str:
    """Like `process`, in a process of its own that lives at most `timeout` seconds.

    Raises:
        TransientError, PermanentError: as `process`; a child that died or was late is transient.
    """
    mine, its = socket.socketpair()
    with mine:
        with its:
            _fork_server.hand_over(its)
        outcome, _, code = _exchange(mine, json.dumps([*job, timeout])).rpartition(b"\n")
    match code:
        case b"0":
            return _result(json.loads(outcome))
        case b"":
            raise TransientError("The record's process ended, and its fork server with it")
    raise TransientError(f"The record's process {_end(int(code), timeout)}")


def _exchange(connection: socket.socket, job: str) -> bytes:
    try:
        connection.sendall(job.encode())
        connection.shutdown(socket.SHUT_WR)
    except BrokenPipeError:
        # the child ended before it read all; its exit code may be there
        pass
    with connection.makefile("rb") as stream:
        return stream.read()


def _end(code: int, timeout: float) -> str:
    if code == -signal.SIGALRM:
        return f"was killed after {timeout:.1f} s: the invocation was ending"
    if code < 0:
        return f"was killed by {signal.Signals(-code).name}"
    return f"exited with status {code}"


def _result(answer: dict[str, str]) -> str:
    match answer:
        case {"permanent": message}:
            raise PermanentError(message)
        case {"transient": message}:
            raise TransientError(message)
    return answer["modified"]
