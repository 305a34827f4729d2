"""How much memory an execution environment uses, and whether it outgrew the function's memory size.

A container's limit is its cgroup's, which only root may make, and not everywhere. An address space
limit (RLIMIT_AS, RLIMIT_DATA) counts what is reserved instead of what is used, and raises
MemoryError where AWS kills. So the thread that waits for the invocation looks at /proc now and
then: every 10 ms while the function grows, less and less often, down to every 250 ms, while it does
not. What the kernel noted as the process's peak decides at the end of the invocation, so a
function that outgrew its memory size between two looks fails as well, only later.

The process counts with its resident set: what it shares with the warm interpreter that it was
forked from would be its own on AWS. Its children count with what they do not share with it.
"""

import contextlib
import math
import os
import time
from collections.abc import Iterator

SHORTEST_INTERVAL_SECONDS = 0.01
LONGEST_INTERVAL_SECONDS = 0.25
GROWTH_KB = 1024
PAGE_KB = os.sysconf("SC_PAGE_SIZE") // 1024


class MemoryWatch:
    """Watches a process and its children.

    :param limit_mb: the function's memory size
    :ivar due: when to look next, by time.monotonic(); never before the first `start`
    :ivar peak_kb: the most that was seen
    """

    def __init__(self, pid: int, limit_mb: int) -> None:
        self._pid = pid
        self._limit_kb = limit_mb * 1024
        self._interval = SHORTEST_INTERVAL_SECONDS
        self._last_kb = 0
        self.due = math.inf
        self.peak_kb = 0

    @property
    def is_outgrown(self) -> bool:
        return self.peak_kb > self._limit_kb

    def outgrow(self) -> None:
        """Take the limit for exceeded."""
        self.peak_kb = self._limit_kb + 1

    @property
    def peak_mb(self) -> int:
        """As REPORT tells it: no more than the memory size."""
        return min(math.ceil(self.peak_kb / 1024), self._limit_kb // 1024)

    def start(self) -> None:
        """An invocation begins: look soon, and often until it settles."""
        self._interval = SHORTEST_INTERVAL_SECONDS
        self.due = time.monotonic() + self._interval

    def look(self) -> None:
        """Take a sample of the process and its children, and set when to take the next."""
        used = self._used_kb()
        self.peak_kb = max(self.peak_kb, used)
        grows = used > self._last_kb + GROWTH_KB
        self._interval = (
            SHORTEST_INTERVAL_SECONDS
            if grows
            else min(self._interval * 2, LONGEST_INTERVAL_SECONDS)
        )
        self._last_kb = used
        self.due = time.monotonic() + self._interval

    def finish(self) -> None:
        """The invocation ended: take the peak that the kernel noted."""
        self.peak_kb = max(self.peak_kb, _field_kb(f"/proc/{self._pid}/status", b"VmHWM:"))

    def _used_kb(self) -> int:
        return _resident_kb(self._pid) + sum(map(_private_kb, descendants(self._pid)))


def descendants(pid: int) -> Iterator[int]:
    """The processes that a process started, and those that these started."""
    with contextlib.suppress(OSError):
        for task in os.listdir(f"/proc/{pid}/task"):  # noqa: PTH208 - often, so without Path's cost
            for child in map(int, _read(f"/proc/{pid}/task/{task}/children").split()):
                yield child
                yield from descendants(child)


def _resident_kb(pid: int) -> int:
    statm = _read(f"/proc/{pid}/statm").split()
    return int(statm[1]) * PAGE_KB if statm else 0


def _private_kb(pid: int) -> int:
    rollup = f"/proc/{pid}/smaps_rollup"
    return _field_kb(rollup, b"Private_Clean:") + _field_kb(rollup, b"Private_Dirty:")


def _field_kb(path: str, name: bytes) -> int:
    """A field of a file such as /proc/<pid>/status; 0 when the process is gone."""
    lines = (line for line in _read(path).splitlines() if line.startswith(name))
    return next((int(line.split()[1]) for line in lines), 0)


def _read(path: str) -> bytes:
    """A file of /proc; empty when the process is gone."""
    try:
        with open(path, "rb", buffering=0) as file:  # noqa: PTH123 - as above
            return file.read()
    except OSError:
        return b""
