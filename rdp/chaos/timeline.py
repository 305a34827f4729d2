"""What happened, second by second: queue depths are sampled, all else is read afterwards."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from types import TracebackType
from typing import NamedTuple, Self

from rdp.stack import Stack
from rdp.stack.errors import CALL_ERRORS

_EVERY_SECONDS = 0.5


class Sample(NamedTuple):
    at: float
    """Seconds since the epoch, like all times here."""
    waiting: int
    """Visible or delayed messages."""
    in_flight: int
    dead: int


class Break(NamedTuple):
    """A disruption. While it is being broken or healed, it affects only some requests."""

    name: str
    began: float
    in_force: float
    healing: float
    ended: float


@dataclass
class Timeline:
    began: float = field(default_factory=time.time)
    ended: float = 0.0
    samples: list[Sample] = field(default_factory=list)
    breaks: list[Break] = field(default_factory=list)
    accepted: list[float] = field(default_factory=list)
    stored: list[float] = field(default_factory=list)
    retried: list[float] = field(default_factory=list)

    def complete(
        self, accepted: Iterable[float], stored: Iterable[float], retried: Iterable[float]
    ) -> None:
        self.accepted, self.stored, self.retried = sorted(accepted), sorted(stored), sorted(retried)


class Sampler:
    """Takes samples until its block ends. While the stack does not answer, there is a gap."""

    def __init__(self, stack: Stack, timeline: Timeline) -> None:
        self._stack = stack
        self._timeline = timeline
        self._dead_before = stack.dead_letters.depth()
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name="sampler", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: object, _trace: TracebackType | None
    ) -> None:
        self._stopped.set()
        self._thread.join()
        self._timeline.ended = time.time()

    def _run(self) -> None:
        while not self._stopped.wait(_EVERY_SECONDS):
            try:
                counts, dead = self._stack.queues.counts(), self._stack.dead_letters.depth()
            except CALL_ERRORS:
                continue
            self._timeline.samples.append(
                Sample(
                    at=time.time(),
                    waiting=counts.waiting + counts.delayed,
                    in_flight=counts.in_flight,
                    dead=max(0, dead - self._dead_before),
                )
            )
