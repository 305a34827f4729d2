"""Processes, found by their exact arguments and environment, and ended for good."""

import contextlib
import os
import signal
import time
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import psutil

LOCALSTACK_MODULE = "localstack.runtime.main"
# LocalStack's own variable for the folder that it takes for the root of its file system
FOLDER_VARIABLE = "FILESYSTEM_ROOT"
SESSION_SECONDS = 5


def localstack_folder(pid: int) -> Path | None:
    """The folder below which the LocalStack with this process id keeps its files.

    None where the process is gone, is not a LocalStack, or belongs to another user: process ids are
    used again.
    """
    try:
        process = psutil.Process(pid)
        arguments = process.cmdline()
        root = process.environ().get(FOLDER_VARIABLE)
    except (psutil.Error, OSError, ValueError, OverflowError):
        # the last two: the number cannot be a process id
        return None
    is_localstack = ("-m", LOCALSTACK_MODULE) in pairwise(arguments)
    return Path(root) if root and is_localstack else None


def running_jar(jar: Path) -> Iterator[int]:
    """The process ids of every Java program that was started from exactly this file."""
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error):
            arguments = process.cmdline()
            if ("-jar", str(jar)) in pairwise(arguments):
                yield process.pid


def end_jar(jar: Path) -> None:
    for pid in running_jar(jar):
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


def session(leader: int) -> list[int]:
    """The process ids of a session, without what has ended and is not yet waited for."""
    return [pid for pid in psutil.pids() if _is_in_session(pid, leader)]


def _is_in_session(pid: int, leader: int) -> bool:
    try:
        return os.getsid(pid) == leader and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except (psutil.Error, OSError):
        return False


def kill_session(leader: int) -> None:
    """End a session by SIGKILL; returns when all of it is gone.

    The leader's group goes at once. The interpreters of functions end with LocalStack by
    themselves, and end what the functions started; those that do not in time are killed too.
    """
    with contextlib.suppress(ProcessLookupError):
        os.killpg(leader, signal.SIGKILL)
    deadline = time.monotonic() + SESSION_SECONDS
    while members := session(leader):
        if time.monotonic() > deadline:
            for pid in members:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
        time.sleep(0.05)
