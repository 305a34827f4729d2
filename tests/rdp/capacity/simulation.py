"""A discrete-event simulation of an event source mapping, as docs/capacity.md describes it."""

import heapq
import random
from dataclasses import dataclass, field
from itertools import count

_GROWTH_SECONDS = 60 / 300


@dataclass(frozen=True)
class Figures:
    messages: float
    """In one batch, on average."""
    mean_wait: float
    """Seconds from the queue to the invocation."""


@dataclass(eq=False)
class _Process:
    """One that reads batches; it gathers until `closes`."""

    batch: list[float] = field(default_factory=list)
    """When each message came."""
    closes: float = 0.0
    number: int = 0
    """Of its batch: a window's end that comes after its batch was full means nothing."""


@dataclass
class Simulation:
    """
    :param processes: at first; with `grows`, one more every 0.2 s while messages wait
    :param seconds: how long an invocation takes
    """

    rate: float
    processes: int
    batch_size: int
    window: float
    seconds: float
    grows: bool = False
    most_processes: int = 1000

    def run(self, duration: float, seed: int = 1) -> Figures:
        """Without the first tenth, which is not yet steady."""
        self._random = random.Random(seed)
        self._events: list[tuple[float, int, str, _Process | None, int]] = []
        self._numbers = count()
        self._readers = [_Process() for _ in range(self.processes)]
        self._waiting: list[float] = []
        self._invoked: list[tuple[float, list[float]]] = []
        self._running = self.processes
        self._schedule(self._random.expovariate(self.rate), "message")
        if self.grows:
            self._schedule(_GROWTH_SECONDS, "growth")
        while self._events and self._events[0][0] < duration:
            now, _, kind, process, number = heapq.heappop(self._events)
            getattr(self, f"_{kind}")(now, process, number)
        batches = [(at, batch) for at, batch in self._invoked if at > duration / 10]
        waits = [at - came for at, batch in batches for came in batch]
        return Figures(len(waits) / len(batches), sum(waits) / len(waits))

    def _schedule(
        self, at: float, kind: str, process: _Process | None = None, number: int = 0
    ) -> None:
        heapq.heappush(self._events, (at, next(self._numbers), kind, process, number))

    def _message(self, now: float, _process: None, _number: int) -> None:
        self._schedule(now + self._random.expovariate(self.rate), "message")
        if self._readers:
            self._receive(now, self._random.choice(self._readers), now)
        else:
            self._waiting.append(now)

    def _receive(self, now: float, process: _Process, came: float) -> None:
        process.batch.append(came)
        if len(process.batch) == 1:
            self._schedule(now + self.window, "window", process, process.number)
        if len(process.batch) == self.batch_size:
            self._invoke(now, process)

    def _window(self, now: float, process: _Process, number: int) -> None:
        if number == process.number:
            self._invoke(now, process)

    def _invoke(self, now: float, process: _Process) -> None:
        self._invoked.append((now, process.batch))
        process.batch, process.number = [], process.number + 1
        self._readers.remove(process)
        self._schedule(now + self.seconds, "end", process)

    def _end(self, now: float, process: _Process, _number: int) -> None:
        self._readers.append(process)
        while self._waiting and process in self._readers:
            self._receive(now, process, self._waiting.pop(0))

    def _growth(self, now: float, _process: None, _number: int) -> None:
        self._schedule(now + _GROWTH_SECONDS, "growth")
        if self._waiting and self._running < self.most_processes:
            self._running += 1
            self._end(now, _Process(), 0)
