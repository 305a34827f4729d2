"""No process of a function outlives LocalStack, even if LocalStack is killed by SIGKILL."""

import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from testing.target import wait_until

from .own_localstack import OwnLocalStack, own_localstack

STARTS_PROCESSES = """
import os, subprocess
def handler(event, context):
    children = [
        subprocess.Popen(["sleep", "300"], start_new_session=new_session)
        for new_session in (False, True)
    ]
    return [os.getpid(), *(child.pid for child in children)]
"""


@pytest.fixture
def localstack(tmp_path: Path) -> Iterator[OwnLocalStack]:
    with own_localstack(tmp_path, SERVICES="iam,lambda,logs,s3,sts") as started:
        yield started


def is_gone(pid: int) -> bool:
    """Whether the process ended; it may still be a zombie."""
    try:
        return "\nState:\tZ" in Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    except OSError:
        return True


def test_no_process_of_a_function_outlives_localstack(localstack: OwnLocalStack) -> None:
    pids, _ = localstack.deploy(STARTS_PROCESSES).invoke()
    assert not any(map(is_gone, pids))
    localstack.stop(signal.SIGKILL)
    wait_until(lambda: all(map(is_gone, pids)))
