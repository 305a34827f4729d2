"""Memory of an emulator and of all processes that it started."""

import contextlib
from dataclasses import dataclass
from typing import Self

import psutil


def is_running(process: int) -> bool:
    return psutil.pid_exists(process)


@dataclass(frozen=True, order=True)
class Memory:
    """Proportional set size: memory that processes share counts once."""

    megabytes: float
    processes: int

    @classmethod
    def of_tree(cls, root: int) -> Self:
        process = psutil.Process(root)
        sizes = [_proportional(each) for each in (process, *process.children(recursive=True))]
        return cls(sum(sizes) / 1024**2, len(sizes))


def _proportional(process: psutil.Process) -> int:
    """In bytes; 0 if the process has just ended."""
    with contextlib.suppress(psutil.NoSuchProcess):
        return int(process.memory_full_info().pss)
    return 0
