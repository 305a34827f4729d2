"""A process with one thread and without AWS libraries, which forks a child for each job.

worker/isolation.py starts it, with one end of a socket pair as standard input. Each packet on that
socket carries a connection. The child reads a pickled `(job, timeout, memory_bytes)` from the
connection and writes its answer as JSON; the fork server then adds a line feed and the child's exit
code. The answer is not pickled: a job may have broken its process, and unpickling runs code in the
worker.
"""

import json
import os
import pickle
import resource
import select
import signal
import socket
import sys
from pathlib import Path

# Each child needs it: imported once here, instead of in every child.
import worker.processing  # noqa: F401
from pipeline.errors import PermanentError, TransientError


def main() -> None:
    # A signal may interrupt the only thread anywhere, so the handler only wakes up select().
    awake, wake = socket.socketpair()
    for end in (awake, wake):
        end.setblocking(False)
    signal.set_wakeup_fd(wake.fileno(), warn_on_full_buffer=False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    with socket.socket(fileno=sys.stdin.fileno()) as control:
        _serve(control, awake)
    # Children may still end after the sockets are closed.
    signal.set_wakeup_fd(-1)


def _serve(control: socket.socket, awake: socket.socket) -> None:
    """Until the other end of `control` is closed: then nobody waits for the children any more."""
    running: dict[int, socket.socket] = {}
    try:
        while True:
            ready, _, _ = select.select([control, awake], [], [])
            if awake in ready:
                awake.recv(4096)
                _report_exits(running)
            if control in ready:
                _, descriptors, _, _ = socket.recv_fds(control, 1, 1)
                if not descriptors:
                    return
                connection = socket.socket(fileno=descriptors[0])
                running[_fork(connection, [control, *running.values()])] = connection
    finally:
        for pid in running:
            os.kill(pid, signal.SIGKILL)


def _report_exits(running: dict[int, socket.socket]) -> None:
    for pid in list(running):
        exited, status = os.waitpid(pid, os.WNOHANG)
        if exited:
            with running.pop(pid) as connection:
                connection.sendall(b"\n%d" % os.waitstatus_to_exitcode(status))


def _fork(connection: socket.socket, others: list[socket.socket]) -> int:
    pid = os.fork()
    if pid == 0:
        code = 1
        try:
            # The child's copies would keep these connections open after everyone else closed them.
            for other in others:
                other.close()
            signal.set_wakeup_fd(-1)
            _run_job(connection)
            code = 0
        finally:
            # Skips the interpreter's shutdown: a traceback could quote the text.
            os._exit(code)
    return pid


def _run_job(connection: socket.socket) -> None:
    with connection.makefile("rb") as stream:
        job, timeout, memory_bytes = pickle.load(stream)  # noqa: S301 - the worker wrote it
    # The kernel then kills this process, whatever it is doing.
    signal.setitimer(signal.ITIMER_REAL, timeout)
    _limit_memory(memory_bytes)
    try:
        answer = {"modified": job()}
    except PermanentError as error:
        answer = {"permanent": str(error)}
    except TransientError as error:
        answer = {"transient": str(error)}
    except MemoryError:
        answer = {"crash": f"The record needed more than {memory_bytes >> 20} MB of memory"}
    connection.sendall(json.dumps(answer).encode())


def _limit_memory(more_bytes: int) -> None:
    """Beyond this, allocations of this process fail."""
    pages = int(Path("/proc/self/statm").read_text().split()[0])
    limit = pages * resource.getpagesize() + more_bytes
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))


if __name__ == "__main__":
    main()
