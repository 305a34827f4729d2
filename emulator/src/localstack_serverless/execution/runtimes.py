"""The interpreters on this machine that can run functions, with one warm host process for each.

The runtime `python3.11` uses `$LAMBDA_RUNTIMES_DIR/python3.11/bin/python`, a virtual environment
with the packages of AWS's runtime: awslambdaric and boto3.
"""

import contextlib
import itertools
import json
import logging
import os
import select
import signal
import socket
import subprocess
import threading
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

LOG = logging.getLogger(__name__)

HOST_SCRIPT = Path(__file__).with_name("host.py")
FORK_TIMEOUT_SECONDS = 30
MAX_MESSAGE_BYTES = 64 * 1024


class RuntimeUnavailableError(Exception):
    """This machine has no interpreter for the function's runtime; the message says what to do."""


@dataclass
class FunctionProcess:
    """One process of a function, forked by a RuntimeHost.

    `status` is from os.waitpid, once `ended` is set. `pidfd` becomes readable when it ends.
    """

    pid: int = 0
    pidfd: int = -1
    status: int | None = None
    started: threading.Event = field(default_factory=threading.Event)
    ended: threading.Event = field(default_factory=threading.Event)

    def kill(self) -> None:
        """Kill the process and the processes that it started; returns when it is gone."""
        if self.pid and not self.ended.is_set():
            self.kill_group()
            self.ended.wait(FORK_TIMEOUT_SECONDS)

    def kill_group(self) -> None:
        if self.pid:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.pid, signal.SIGKILL)

    @property
    def is_running(self) -> bool:
        if self.ended.is_set():
            return False
        # select.select does not accept descriptors above 1023, which many environments reach
        poll = select.poll()
        poll.register(self.pidfd, select.POLLIN)
        return not poll.poll(0)


class RuntimeHost:
    """The warm interpreter of one runtime, from which its execution environments are forked."""

    def __init__(self, interpreter: Path) -> None:
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            self._host = subprocess.Popen(  # noqa: S603 - an interpreter of our own installation
                [interpreter, "-I", HOST_SCRIPT, "--host", str(theirs.fileno())],
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                env={"PATH": os.environ.get("PATH", "")},
                process_group=0,
            )
        self._connection = ours
        self._lock = threading.Lock()
        self._ids = itertools.count(1)
        self._processes: dict[str, FunctionProcess] = {}
        threading.Thread(target=self._read, name="lambda-runtime-host", daemon=True).start()

    @property
    def is_running(self) -> bool:
        return self._host.poll() is None

    def start(self, log_fd: int, **message: Any) -> FunctionProcess:
        """Fork a process; see host.py for the message. Returns when the process id is known."""
        process = FunctionProcess()
        process_id = str(next(self._ids))
        data = json.dumps({"id": process_id, **message}).encode()
        if len(data) > MAX_MESSAGE_BYTES:
            raise ValueError(
                f"the environment has {len(data)} bytes, more than {MAX_MESSAGE_BYTES}"
            )
        self._processes[process_id] = process
        with self._lock:
            socket.send_fds(self._connection, [data], [log_fd])
        if not process.started.wait(FORK_TIMEOUT_SECONDS):
            raise TimeoutError(f"the runtime host did not fork in {FORK_TIMEOUT_SECONDS} s")
        return process

    def stop(self) -> None:
        """Close the connection: the host kills its processes and ends."""
        with contextlib.suppress(OSError):
            self._connection.shutdown(socket.SHUT_RDWR)
        try:
            self._host.wait(FORK_TIMEOUT_SECONDS)
        except subprocess.TimeoutExpired:
            self._host.kill()

    def _read(self) -> None:
        while message := self._receive():
            answer = json.loads(message)
            if "pid" in answer:
                self._started(self._processes[answer["id"]], answer["pid"])
            else:
                process = self._processes.pop(answer["id"])
                process.status = answer["status"]
                process.ended.set()
        # the kernel kills the functions with their host, but not the processes that they started
        for process in list(self._processes.values()):
            process.kill_group()
            process.started.set()
            process.ended.set()

    @staticmethod
    def _started(process: FunctionProcess, pid: int) -> None:
        process.pid = pid
        try:
            process.pidfd = os.pidfd_open(pid)
        except ProcessLookupError:
            # it has ended already: any readable descriptor stands for that
            process.pidfd, closed = os.pipe()
            os.close(closed)
        process.started.set()

    def _receive(self) -> bytes:
        try:
            return self._connection.recv(MAX_MESSAGE_BYTES)
        except OSError:
            return b""


class Runtimes:
    """All runtime hosts of this LocalStack, started at first use."""

    def __init__(self) -> None:
        self._hosts: dict[str, RuntimeHost] = {}
        self._lock = threading.Lock()

    def host(self, runtime: str) -> RuntimeHost:
        """The host of a runtime such as `python3.11`.

        :raises RuntimeUnavailableError: no usable interpreter is on this machine
        """
        with self._lock:
            host = self._hosts.get(runtime)
            if host is None or not host.is_running:
                host = self._hosts[runtime] = RuntimeHost(find_interpreter(runtime))
            return host

    def stop(self) -> None:
        with self._lock:
            for host in self._hosts.values():
                host.stop()
            self._hosts.clear()


def find_interpreter(runtime: str) -> Path:
    """The interpreter for a runtime such as `python3.11`.

    :raises RuntimeUnavailableError: it is not a Python runtime, or not installed
    """
    folder = Path(os.environ.get("LAMBDA_RUNTIMES_DIR", "/opt/lambda-runtimes"))
    interpreter = folder / runtime / "bin" / "python"
    if not runtime.startswith("python3."):
        raise RuntimeUnavailableError(
            f"runtime '{runtime}' is not of the python3.x family, the only one that runs here"
        )
    if not interpreter.exists():
        raise RuntimeUnavailableError(
            f"runtime '{runtime}' needs {interpreter}, a virtual environment with awslambdaric and "
            f"boto3: run `localstack-serverless runtime install {runtime}`"
        )
    return interpreter


def libraries(runtime: str) -> Path:
    """Where a runtime keeps awslambdaric and boto3."""
    return find_interpreter(runtime).parents[1] / "lib" / runtime / "site-packages"


RUNTIMES = Runtimes()
