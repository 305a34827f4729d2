"""Processor time of each part of the embedded LocalStack, from the kernel's counters of processes.

The counters have a resolution of 10 ms, so measure over seconds. A process that ended counts with
the process that waited for it.
"""

import contextlib
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Self

import psutil

EMULATOR, API, WORKER, DYNAMODB, OTHERS = (
    "LocalStack",
    "API",
    "worker",
    "DynamoDB Local",
    "other processes",
)
# The kernel keeps this much of a process's name.
_NAME_CHARACTERS = 15
# milliseconds; less rounds to 0.0
_SHOWN = 0.05


@dataclass(frozen=True)
class ProcessorTime:
    """Seconds of processor time by part, since each process began."""

    seconds: Mapping[str, float]

    @classmethod
    def of_tree(cls, root: int, functions: Mapping[str, str]) -> Self:
        """
        :param root: the emulator's process id
        :param functions: the part of each function, by the function's name
        """
        seconds: dict[str, float] = defaultdict(float)
        for process, part in _parts(psutil.Process(root), functions):
            seconds[part] += _used(process)
        return cls(seconds)

    def __sub__(self, earlier: Self) -> "ProcessorTime":
        used = {part: self.seconds[part] - earlier.seconds.get(part, 0) for part in self.seconds}
        return ProcessorTime(used)

    def figures(self, logs: int) -> str:
        """Milliseconds a log, in all and by part.

        :param logs: how many were processed in this time
        """
        parts = {part: used * 1000 / logs for part, used in self.seconds.items()}
        total = f"{sum(parts.values()):.1f} ms"
        if not parts.keys() & {API, WORKER}:
            return f"{total} (the functions' processes cannot be told from others)"
        order = (EMULATOR, API, WORKER, DYNAMODB, OTHERS)
        shown = [f"{part} {parts[part]:.1f}" for part in order if parts.get(part, 0) >= _SHOWN]
        return f"{total} ({', '.join(shown)})"


def part_of(name: str, functions: Mapping[str, str]) -> str | None:
    """The part that a process with this name belongs to; None if its parent decides.

    LocalStack's plugin names an environment's process after the last characters of its function's
    name.
    """
    if name == "java":
        return DYNAMODB
    return next(
        (part for function, part in functions.items() if function[-_NAME_CHARACTERS:] == name), None
    )


def _parts(
    root: psutil.Process, functions: Mapping[str, str]
) -> Iterator[tuple[psutil.Process, str]]:
    """Each process of the tree with its part; parents come before their children."""
    parts = {root.pid: OTHERS}
    yield root, EMULATOR
    for process in root.children(recursive=True):
        with contextlib.suppress(psutil.NoSuchProcess):
            inherited = parts.get(process.ppid(), OTHERS)
            parts[process.pid] = part_of(process.name(), functions) or inherited
            yield process, parts[process.pid]


def _used(process: psutil.Process) -> float:
    """Seconds of the process and of its ended children; 0 if it has just ended."""
    with contextlib.suppress(psutil.NoSuchProcess):
        times = process.cpu_times()
        own: float = times.user + times.system
        ended: float = times.children_user + times.children_system
        return own + ended
    return 0
