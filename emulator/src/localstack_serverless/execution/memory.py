"""How much memory an execution environment uses, and whether that is more than its memory size.

A container has its limit from a cgroup, which only root can create, and not on every machine. An
address space limit (RLIMIT_AS, RLIMIT_DATA) counts reserved instead of used memory, and raises
MemoryError where AWS kills the process. So the thread that waits for the invocation samples /proc,
each time when the function could have reached its memory size at the earliest. At the end of the
invocation the peak that the kernel recorded decides, so a function that was above its memory size
between two samples fails as well, only later.

The process counts with its resident set, as the memory that it shares with the warm interpreter
would be its own on AWS. Its children count with the memory that they do not share with it.
"""

import contextlib
import math
import os
import time
from collections.abc import Iterator

SHORTEST_INTERVAL_SECONDS = 0.01
LONGEST_INTERVAL_SECONDS = 0.25
# more than the kernel can map and clear for one process
FASTEST_GROWTH_KB_A_SECOND = 4 * 1024 * 1024
PAGE_KB = os.sysconf("SC_PAGE_SIZE") // 1024


class MemoryWatch:
    """Watches a process and its children.

    :param limit_mb: the function's memory size
    :ivar due: when to sample next, by time.monotonic(); infinite before the first `start`
    :ivar peak_kb: the highest sample
    """

    def __init__(self, pid: int, limit_mb: int) -> None:
        self._pid = pid
        self._limit_kb = limit_mb * 1024
        self._used_now_kb = 0
        self.due = math.inf
        self.peak_kb = 0

    @property
    def is_outgrown(self) -> bool:
        return self.peak_kb > self._limit_kb

    def outgrow(self) -> None:
        """Act as if the limit was exceeded."""
        self.peak_kb = self._limit_kb + 1

    @property
    def peak_mb(self) -> int:
        """As in the log's REPORT line: at most the memory size."""
        return min(math.ceil(self.peak_kb / 1024), self._limit_kb // 1024)

    def start(self) -> None:
        """An invocation begins."""
        self._set_due()

    def look(self) -> None:
        """Take a sample of the process and its children, and set when to take the next."""
        self._used_now_kb = self._used_kb()
        self.peak_kb = max(self.peak_kb, self._used_now_kb)
        self._set_due()

    def finish(self) -> None:
        """The invocation ended: include the peak that the kernel recorded."""
        self.peak_kb = max(self.peak_kb, _field_kb(f"/proc/{self._pid}/status", b"VmHWM:"))

    def _set_due(self) -> None:
        earliest = (self._limit_kb - self._used_now_kb) / FASTEST_GROWTH_KB_A_SECOND
        interval = min(max(earliest, SHORTEST_INTERVAL_SECONDS), LONGEST_INTERVAL_SECONDS)
        self.due = time.monotonic() + interval

    def _used_kb(self) -> int:
        return _resident_kb(self._pid) + sum(map(_private_kb, descendants(self._pid)))


def descendants(pid: int) -> Iterator[int]:
    """The processes that a process started, directly and indirectly."""
    with contextlib.suppress(OSError):
        for task in os.listdir(f"/proc/{pid}/task"):  # noqa: PTH208 - called often, and Path is slower
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
    _, _, rest = _read(path).partition(b"\n" + name)
    return int(rest.split(maxsplit=1)[0]) if rest else 0


def _read(path: str) -> bytes:
    """A file of /proc; empty when the process is gone."""
    try:
        with open(path, "rb", buffering=0) as file:  # noqa: PTH123 - as above
            return file.read()
    except OSError:
        return b""
