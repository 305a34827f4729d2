"""What a memory watch sees of a process and its children."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from types import SimpleNamespace

import pytest

from localstack_serverless.execution import memory
from localstack_serverless.execution.memory import MemoryWatch, descendants

MEGABYTES = 60
FORKS = f"""
import os, time
block = b"x" * ({MEGABYTES} << 20)
if os.fork() == 0:
    os.fork()
print("ready", flush=True)
time.sleep(60)
"""


@pytest.fixture
def forked() -> Iterator[subprocess.Popen[str]]:
    """A process with 60 MB, its child and its grandchild, which share them."""
    command = [sys.executable, "-c", FORKS]
    with subprocess.Popen(  # noqa: S603 - our own
        command, stdout=subprocess.PIPE, text=True, start_new_session=True
    ) as process:
        assert process.stdout
        for _ in range(3):
            process.stdout.readline()
        yield process
        os.killpg(process.pid, signal.SIGKILL)


def test_memory_shared_with_children_counts_once(forked: subprocess.Popen[str]) -> None:
    assert len(list(descendants(forked.pid))) == 2
    watch = MemoryWatch(forked.pid, limit_mb=2 * MEGABYTES)
    watch.look()
    assert MEGABYTES <= watch.peak_mb < 2 * MEGABYTES
    assert not watch.is_outgrown


def test_peak_between_two_looks_is_found_at_the_end(forked: subprocess.Popen[str]) -> None:
    watch = MemoryWatch(forked.pid, limit_mb=MEGABYTES // 2)
    watch.finish()
    assert watch.is_outgrown
    assert watch.peak_mb == MEGABYTES // 2


def test_next_look_is_when_the_limit_could_be_reached(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "time", SimpleNamespace(monotonic=lambda: 100.0))
    near, far = MemoryWatch(2**22 + 1, limit_mb=1), MemoryWatch(2**22 + 1, limit_mb=10_000)
    middle = MemoryWatch(2**22 + 1, limit_mb=400)
    for watch in (near, middle, far):
        watch.start()
    assert near.due == 100 + memory.SHORTEST_INTERVAL_SECONDS
    assert far.due == 100 + memory.LONGEST_INTERVAL_SECONDS
    assert near.due < middle.due < far.due


def test_process_that_is_gone_uses_nothing() -> None:
    watch = MemoryWatch(2**22 + 1, limit_mb=1)
    watch.look()
    watch.finish()
    assert watch.peak_mb == 0
