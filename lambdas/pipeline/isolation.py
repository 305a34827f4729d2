"""Processing in a child process: whatever a record does to its process, it does to its own.

The child is a fresh interpreter, not a fork: the worker has threads, and a fork copies their
locks. It imports nothing of AWS (pipeline/child.py), so that it starts in tens of milliseconds.
"""

import json
import signal
import subprocess
import sys
from pathlib import Path

from pipeline.errors import PermanentError, TransientError
from pipeline.processing import Job

# -m finds the package in the working directory. -S leaves out site-packages: the child needs none.
_COMMAND = (sys.executable, "-S", "-m", "pipeline.child")
_ROOT = Path(__file__).parent.parent


def process_in_child(job: Job, *, timeout: float) -> str:
    """Like `process`, in a process of its own that lives at most `timeout` seconds.

    Raises:
        TransientError, PermanentError: as `process`; a child that died or was late is transient.
    """
    try:
        child = subprocess.run(  # noqa: S603
            _COMMAND,
            input=json.dumps(job).encode(),
            stdout=subprocess.PIPE,
            # a traceback may quote the text
            stderr=subprocess.DEVNULL,
            cwd=_ROOT,
            timeout=timeout,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise TransientError(
            f"The record's process was killed after {timeout:.1f} s: the invocation was ending"
        ) from None
    if child.returncode != 0:
        raise TransientError(f"The record's process {_end(child.returncode)}")
    return _result(json.loads(child.stdout))


def _end(status: int) -> str:
    if status < 0:
        return f"was killed by {signal.Signals(-status).name}"
    return f"exited with status {status}"


def _result(answer: dict[str, str]) -> str:
    match answer:
        case {"permanent": message}:
            raise PermanentError(message)
        case {"transient": message}:
            raise TransientError(message)
    return answer["modified"]
