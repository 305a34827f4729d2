"""Runs a job in a child process, so that a job that kills its process harms nothing else.

The child is not forked from the worker, which has threads: a fork copies their locks, even those
that are held. It is forked from a process with one thread, the fork server (fork_server.py), which
the first such job starts. A new interpreter for each job would cost twenty times as much.
"""

import atexit
import json
import pickle
import signal
import socket
import subprocess
import sys
import threading
from pathlib import Path

from pipeline.errors import CrashError, PermanentError, TransientError
from worker.processing import Job

# -m finds the package in the working directory. -S leaves out site-packages: nothing there is used.
_COMMAND = (sys.executable, "-S", "-m", "worker.fork_server")
_ROOT = Path(__file__).parent.parent


class _ForkServer:
    """Started by the first connection, and again if it was killed."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._running: tuple[subprocess.Popen[bytes], socket.socket] | None = None
        atexit.register(self.close)

    def hand_over(self, connection: socket.socket) -> None:
        """From now on a new child serves the connection."""
        with self._lock:
            try:
                self._send(connection)
            except OSError:
                # It was killed since the last job.
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
    # Packets keep the connections apart.
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with theirs:
        process = subprocess.Popen(  # noqa: S603
            _COMMAND,
            stdin=theirs.fileno(),
            stdout=subprocess.DEVNULL,
            # A traceback could quote the text.
            stderr=subprocess.DEVNULL,
            cwd=_ROOT,
        )
    return process, ours


_fork_server = _ForkServer()


def run_in_child(job: Job, *, timeout: float, memory_bytes: int) -> str:
    """Like `job()`, in a child process that lives at most `timeout` seconds.

    :param memory_bytes: what the job may allocate. Without a limit, a job that takes all memory of
        the execution environment would end the environment, with all its messages.
    :raises TransientError, PermanentError: what the job raised. It is also a TransientError if the
        child took too long.
    :raises CrashError: the child was killed, exited or needed more memory
    """
    ours, theirs = socket.socketpair()
    with ours:
        with theirs:
            _fork_server.hand_over(theirs)
        task = pickle.dumps((job, timeout, memory_bytes))
        answer, _, code = _exchange(ours, task).rpartition(b"\n")
    match code:
        case b"0":
            return _result(json.loads(answer))
        case b"":
            raise TransientError("The record's process ended, and its fork server with it")
    raise _ended(int(code), timeout)


def _exchange(connection: socket.socket, job: bytes) -> bytes:
    try:
        connection.sendall(job)
        connection.shutdown(socket.SHUT_WR)
    except ConnectionError:
        # The child ended before it had read the whole job. Its exit code can be read all the same.
        pass
    try:
        with connection.makefile("rb") as stream:
            return stream.read()
    except ConnectionResetError:
        # The fork server ended before the job was read.
        return b""


def _ended(code: int, timeout: float) -> TransientError:
    if code == -signal.SIGALRM:
        return TransientError(
            f"The record's process was killed after {timeout:.1f} s: its claim or the invocation"
            " was ending"
        )
    if code < 0:
        return CrashError(f"The record's process was killed by {signal.Signals(-code).name}")
    return CrashError(f"The record's process exited with status {code}")


def _result(answer: dict[str, str]) -> str:
    match answer:
        case {"permanent": message}:
            raise PermanentError(message)
        case {"transient": message}:
            raise TransientError(message)
        case {"crash": message}:
            raise CrashError(message)
    return answer["modified"]
