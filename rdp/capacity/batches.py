"""How an event source mapping forms batches: it decides how many messages share an invocation.

As AWS documents it (docs/capacity.md has the sources):

- A mapping has processes. Each reads a batch, invokes the function with it, and reads the next one
  when the invocation has ended. There are five at first, and more while messages wait, up to the
  mapping's MaximumConcurrency.
- A process that reads polls the queue for up to 20 s, until there is a message. Then it gathers
  more until the batching window is over, or the batch is full.

Assumed, as AWS does not document it: messages spread evenly over the processes that are reading,
and Lambda adds processes until nearly no message comes while all of them are busy. A simulation in
the tests shows what these assumptions mean: tests/rdp/capacity/test_batches.py.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Callable
from dataclasses import dataclass

LONG_POLL_SECONDS = 20
MOST_A_RECEIVE = 10
_RECEIVE_SECONDS = 0.02
# Lambda adds processes while messages wait: until so few come while all processes are busy.
_ALL_BUSY = 0.005


@dataclass(frozen=True, kw_only=True)
class Mapping:
    batch_size: float
    window: float
    """Seconds."""
    most_processes: int
    first_processes: int = 5
    readers: float | None = None
    """How many processes read at any time, if that is fixed: the emulator has one."""


@dataclass(frozen=True)
class Batching:
    """The steady state of a mapping."""

    messages: float
    """In one batch, on average."""
    seconds: float
    """How long the invocation with such a batch takes."""
    processes: float
    readers: float
    """Processes that are reading, on average: the others wait for their invocation to end."""
    window: float
    """Seconds that a batch is gathered, from its first message on."""
    capacity: float
    """The most messages a second."""
    queueing: float = 0.0
    """Seconds that a message waits because nobody reads."""

    def invocations(self, rate: float) -> float:
        """A second."""
        return rate / self.messages

    def concurrent(self, rate: float) -> float:
        """Invocations at the same time."""
        return self.invocations(rate) * self.seconds

    @property
    def mean_wait(self) -> float:
        """Seconds from the queue to the invocation: a batch's first message waits for the whole
        window, the others arrive at any time of it."""
        return self.window * (1 + (self.messages - 1) / 2) / self.messages + self.queueing

    def empty_receives(self, rate: float) -> float:
        """A second: long polls that end without a message, for messages that come at random."""
        each = rate / self.readers if self.readers else math.inf
        polls = LONG_POLL_SECONDS * each
        # e^700 is about the greatest float
        return rate / math.expm1(polls) if polls < 700 else 0.0

    def receives(self, rate: float) -> float:
        """A second. A poll ends with the first message: others come along only if they arrived
        while the process handled the one before, or wait already."""
        each = rate / self.readers if self.readers else math.inf
        together = min(MOST_A_RECEIVE, self.messages, 1 + each * _RECEIVE_SECONDS)
        return rate / together + self.empty_receives(rate)


def form_batches(
    rate: float, mapping: Mapping, batch_seconds: Callable[[float], float]
) -> Batching:
    """
    :param rate: messages a second
    :param batch_seconds: how long an invocation takes, by the number of messages in its batch
    """
    most = mapping.batch_size
    capacity = mapping.most_processes * most / max(batch_seconds(most), 1e-9)
    if rate >= capacity:
        seconds = batch_seconds(most)
        return Batching(most, seconds, mapping.most_processes, 0.0, 0.0, capacity)

    if mapping.readers:
        readers = mapping.readers
        messages = min(most, 1 + rate * mapping.window / readers)
        processes = readers + rate * batch_seconds(messages) / messages
    else:
        processes = _processes(rate, mapping, batch_seconds)
        readers, messages = _settle(rate, mapping, processes, batch_seconds)
    gathered = min(mapping.window, (messages - 1) * readers / rate)
    window = mapping.window if messages < most else gathered
    seconds = batch_seconds(messages)
    # Invocations that began together, as after a pause, end together: a message that finds nobody
    # reading waits for half of one.
    queueing = max(0.0, 1 - readers) * seconds / 2 * rate / capacity
    return Batching(messages, seconds, processes, readers, window, capacity, queueing)


def _processes(rate: float, mapping: Mapping, batch_seconds: Callable[[float], float]) -> int:
    """As many as Lambda runs: all are busy at the same time with the probability share^processes,
    where share is how long one of them is busy."""

    def are_enough(processes: int) -> bool:
        readers, _ = _settle(rate, mapping, processes, batch_seconds)
        return (1 - min(1.0, readers / processes)) ** processes <= _ALL_BUSY

    candidates = range(min(mapping.first_processes, mapping.most_processes), mapping.most_processes)
    return candidates.start + bisect_left(candidates, True, key=are_enough)


def _settle(
    rate: float, mapping: Mapping, processes: int, batch_seconds: Callable[[float], float]
) -> tuple[float, float]:
    """Readers and messages a batch of these processes.

    Each of R readers gets rate / R: a batch has m = 1 + rate * window / R messages. The others are
    busy: processes = R + rate * seconds / m. Together that is a quadratic equation for R. The
    invocation's time depends on m, so it is found in steps, from the smallest batch on.
    """
    gathered, messages, readers = rate * mapping.window, 1.0, float(processes)
    for _ in range(200):
        seconds = batch_seconds(messages)
        free = processes - gathered - rate * seconds
        readers = (free + math.sqrt(free**2 + 4 * processes * gathered)) / 2
        # Where nobody gathers, a process takes what came since one became free.
        crowded = max(1.0, rate * seconds / processes)
        found = 1 + gathered / readers if readers > 0 else crowded
        if found >= mapping.batch_size:
            most = mapping.batch_size
            return max(0.0, processes - rate * batch_seconds(most) / most), most
        if abs(found - messages) < 1e-9:
            break
        messages = found
    return readers, messages
