"""A process with a single thread, and nothing of AWS, that forks a process for each record.

worker/isolation.py starts it, with one end of a socket pair as standard input: each message
there carries a connection. Through a connection comes a job as JSON, `[text, seconds, fault,
timeout]`, and back goes its outcome as JSON, then a line feed and the exit code of its process.
"""

import json
import os
import select
import signal
import socket
import sys

from pipeline.errors import PermanentError, TransientError
from worker.faults import Fault
from worker.processing import Job, process


def main() -> None:
    # its only thread may be interrupted anywhere: the handler does nothing but wake up select()
    awake, wake = socket.socketpair()
    for end in (awake, wake):
        end.setblocking(False)
    signal.set_wakeup_fd(wake.fileno(), warn_on_full_buffer=False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    with socket.socket(fileno=sys.stdin.fileno()) as control:
        _serve(control, awake)
    # children may end after the sockets are closed
    signal.set_wakeup_fd(-1)


def _serve(control: socket.socket, awake: socket.socket) -> None:
    """Until the other end of `control` is closed: then nobody waits for what still runs."""
    running: dict[int, socket.socket] = {}
    try:
        while True:
            ready, _, _ = select.select([control, awake], [], [])
            if awake in ready:
                awake.recv(4096)
                _report_ended(running)
            if control in ready:
                _, descriptors, _, _ = socket.recv_fds(control, 1, 1)
                if not descriptors:
                    return
                connection = socket.socket(fileno=descriptors[0])
                running[_fork(connection, [control, *running.values()])] = connection
    finally:
        for pid in running:
            os.kill(pid, signal.SIGKILL)


def _report_ended(running: dict[int, socket.socket]) -> None:
    for pid in list(running):
        ended, status = os.waitpid(pid, os.WNOHANG)
        if ended:
            with running.pop(pid) as connection:
                connection.sendall(b"\n%d" % os.waitstatus_to_exitcode(status))


def _fork(connection: socket.socket, others: list[socket.socket]) -> int:
    pid = os.fork()
    if pid == 0:
        code = 1
        try:
            # a copy here would keep them open when all others are closed
            for other in others:
                other.close()
            signal.set_wakeup_fd(-1)
            _answer(connection)
            code = 0
        finally:
            # without what an interpreter does at its end: a traceback may quote the text
            os._exit(code)
    return pid


def _answer(connection: socket.socket) -> None:
    with connection.makefile("rb") as stream:
        text, seconds, fault, timeout = json.load(stream)
    # the system ends this process then, whatever it does
    signal.setitimer(signal.ITIMER_REAL, timeout)
    connection.sendall(json.dumps(_outcome(Job(text, seconds, fault and Fault(*fault)))).encode())


def _outcome(job: Job) -> dict[str, str]:
    try:
        return {"modified": process(job)}
    except PermanentError as error:
        return {"permanent": str(error)}
    except TransientError as error:
        return {"transient": str(error)}


if __name__ == "__main__":
    main()
