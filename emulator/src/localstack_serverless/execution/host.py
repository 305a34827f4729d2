"""Forks execution environments from one warm interpreter.

Runs in the interpreter of a Lambda runtime (python3.x with awslambdaric and boto3), outside of
LocalStack's own, so it uses the standard library only. LocalStack starts one host per runtime and
sends it one message for each execution environment to start:

    {"id": str, "handler": str, "env": {str: str}, "task_root": str}   + the log pipe's descriptor

The host forks, and the child becomes the function's process: a new session, the environment that
the message gives and no other, the task root as working directory, the log pipe as stdout and
stderr. The host answers, now and when the process ends:

    {"id": str, "pid": int}      {"id": str, "status": int}            (as os.waitpid tells it)

Forking a warm interpreter instead of starting one shares its memory and spares each environment
the imports. A function that brings packages of its own by the same names, or sets variables that
an interpreter reads when it starts, gets a fresh interpreter instead.

The host lives exactly as long as its socket: when LocalStack ends, however it ends, the host kills
every process group that it started.
"""

import contextlib
import ctypes
import gc
import importlib
import json
import os
import selectors
import signal
import socket
import sys
import time
from pathlib import Path
from typing import Any, NoReturn

PR_SET_PDEATHSIG = 1
MAX_MESSAGE_BYTES = 64 * 1024
READ_AT_INTERPRETER_START = ("PYTHON", "LD_", "MALLOC_", "GLIBC_", "AWS_LAMBDA_EXEC_WRAPPER")


# Not awslambdaric.bootstrap, which loads the C client: that reads AWS_LAMBDA_RUNTIME_API once, when
# it is loaded.
PRELOADED = (
    "awslambdaric.lambda_context",
    "awslambdaric.lambda_runtime_log_utils",
    "awslambdaric.lambda_runtime_marshaller",
    "boto3",
)


def preload() -> set[str]:
    """Import what every function needs; return the names of the top-level modules loaded so."""
    before = set(sys.modules)
    for name in PRELOADED:
        importlib.import_module(name)
    return {name.partition(".")[0] for name in set(sys.modules) - before}


def needs_fresh_interpreter(task_root: str, env: dict[str, str], preloaded: set[str]) -> bool:
    if any(name.startswith(READ_AT_INTERPRETER_START) for name in env):
        return True
    bundled = {entry.stem for entry in Path(task_root).iterdir()}
    return not bundled.isdisjoint(preloaded)


def become_function(start: dict[str, Any], log_fd: int, preloaded: set[str]) -> NoReturn:
    """Turn this process, a child of the host, into the function's process."""
    os.setsid()
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGCHLD):
        signal.signal(number, signal.SIG_DFL)
    signal.set_wakeup_fd(-1)
    null = os.open(os.devnull, os.O_RDONLY)
    os.dup2(null, 0)
    os.dup2(log_fd, 1)
    os.dup2(log_fd, 2)
    os.closerange(3, 1024)
    os.umask(0o022)
    os.environ.clear()
    os.environ.update(start["env"])
    os.chdir(start["task_root"])
    if needs_fresh_interpreter(start["task_root"], start["env"], preloaded):
        arguments = [sys.executable, __file__, start["handler"]]
        if wrapper := os.environ.get("AWS_LAMBDA_EXEC_WRAPPER"):
            arguments.insert(0, wrapper)
        os.execv(arguments[0], arguments)  # noqa: S606 - the interpreter, or the wrapper that the function names
    time.tzset()
    run_function(start["handler"])


def run_function(handler: str) -> NoReturn:
    """Run awslambdaric as AWS's runtime does: the task root first on the module path."""
    from awslambdaric import bootstrap, lambda_runtime_client

    sys.argv = ["awslambdaric", handler]
    sys.path[0] = os.environ["LAMBDA_TASK_ROOT"]
    sys.stdout = os.fdopen(1, "w", buffering=1, closefd=False)
    sys.stderr = os.fdopen(2, "w", buffering=1, closefd=False)
    bootstrap.run(
        handler,
        lambda_runtime_client.LambdaRuntimeClient(os.environ["AWS_LAMBDA_RUNTIME_API"]),
    )
    sys.exit(0)


class Host:
    def __init__(self, connection: socket.socket, preloaded: set[str]) -> None:
        self.connection = connection
        self.preloaded = preloaded
        self.ids: dict[int, str] = {}

    def serve(self) -> None:
        """Answer messages until LocalStack closes the socket."""
        wakeup_read, wakeup_write = socket.socketpair()
        for end in (wakeup_read, wakeup_write):
            end.setblocking(False)
        signal.set_wakeup_fd(wakeup_write.fileno(), warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        with selectors.DefaultSelector() as selector:
            selector.register(self.connection, selectors.EVENT_READ)
            selector.register(wakeup_read, selectors.EVENT_READ)
            while True:
                ready = {key.fileobj for key, _ in selector.select()}
                if wakeup_read in ready:
                    wakeup_read.recv(4096)
                    self.reap()
                if self.connection in ready and not self.receive():
                    return

    def receive(self) -> bool:
        """Handle one message; False when LocalStack is gone."""
        message, descriptors, _, _ = socket.recv_fds(self.connection, MAX_MESSAGE_BYTES, 1)
        if not message:
            return False
        start = json.loads(message)
        pid = os.fork()
        if pid == 0:
            try:
                become_function(start, descriptors[0], self.preloaded)
            except SystemExit as ended:
                os._exit(ended.code if isinstance(ended.code, int) else 1)
            except BaseException:  # noqa: BLE001 - whatever it is, the child must not run the host's loop
                sys.excepthook(*sys.exc_info())
                os._exit(1)
        os.close(descriptors[0])
        self.ids[pid] = start["id"]
        self.send({"id": start["id"], "pid": pid})
        return True

    def reap(self) -> None:
        while self.ids:
            pid, status = os.waitpid(-1, os.WNOHANG)
            if pid == 0:
                return
            kill_group(pid)
            self.send({"id": self.ids.pop(pid), "status": status})

    def send(self, message: dict[str, Any]) -> None:
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            self.connection.send(json.dumps(message).encode())

    def kill_all(self) -> None:
        for pid in self.ids:
            kill_group(pid)


def kill_group(pid: int) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, signal.SIGKILL)


def main() -> None:
    # Ctrl-C in the terminal reaches the whole foreground group; LocalStack decides when to end.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    host = Host(socket.socket(fileno=int(sys.argv[2])), preload())
    # what is loaded now stays for good: keep the collector from touching (and so copying) its pages
    gc.freeze()
    try:
        host.serve()
    finally:
        host.kill_all()


if __name__ == "__main__":
    if sys.argv[1] == "--host":
        main()
    else:
        run_function(sys.argv[1])
