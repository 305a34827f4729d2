"""One lane: a queue, its event source mapping, and the worker's invocations.

Logs whose processing takes longer than `long_log_seconds` have a separate lane, so that they
do not hold the batches of short ones.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import partial

from rdp.capacity import measured
from rdp.capacity.batches import LONG_POLL_SECONDS, Batching, Mapping, form_batches
from rdp.capacity.settings import Settings
from rdp.capacity.workload import Lengths, Workload

# https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
PAYLOAD_BYTES = 6 * measured.MEGABYTE


@dataclass(frozen=True)
class Lane:
    name: str
    rate: float
    """Logs a second."""
    lengths: Lengths
    mapping: Mapping
    batching: Batching
    processing_seconds: float
    """Of one log, on average."""
    overhead_seconds: float
    """Of one log, from its receipt to its record: calls of AWS and CPU time."""
    longest_processing: float

    @property
    def capacity(self) -> float:
        """The most logs a second."""
        return self.batching.capacity

    @property
    def is_overloaded(self) -> bool:
        return self.rate >= self.capacity

    @property
    def throughput(self) -> float:
        """Logs a second."""
        return min(self.rate, self.capacity)

    @property
    def backlog_growth(self) -> float:
        """Messages a second."""
        return max(0.0, self.rate - self.capacity)

    @property
    def concurrent(self) -> float:
        """The worker's invocations at the same time."""
        return self.batching.concurrent(self.throughput)

    @property
    def in_flight(self) -> float:
        """Messages received and not yet deleted: those being gathered or processed."""
        gathering = self.rate * self.batching.mean_wait
        return gathering + self.throughput * self.processing_seconds

    @property
    def mean_latency(self) -> float:
        """Seconds from receipt to record; without end if the backlog grows."""
        if self.is_overloaded:
            return math.inf
        return self.batching.mean_wait + self.processing_seconds + self.overhead_seconds

    @property
    def longest_latency(self) -> float:
        """Seconds. With a window, AWS waits for up to 20 s at very low traffic."""
        if self.is_overloaded:
            return math.inf
        window = self.mapping.window
        if window and self.rate / self.batching.readers * LONG_POLL_SECONDS < 1:
            window = max(window, LONG_POLL_SECONDS)
        return min(window, self._full_after) + self.longest_processing + self.overhead_seconds

    @property
    def _full_after(self) -> float:
        full = self.batching.messages >= self.mapping.batch_size and self.mapping.batch_size > 1
        return self.batching.window if full else math.inf

    def mean_latency_of_run(self, seconds: float) -> float:
        """Of the logs that come within these seconds, after a time without any.

        If more come than the workers can process, a log that comes after t seconds waits for
        t * (rate / capacity - 1).
        """
        if not self.is_overloaded:
            return self.mean_latency
        queued = seconds / 2 * (self.rate / self.capacity - 1)
        return queued + self.processing_seconds + self.overhead_seconds

    def seconds_to_drain(self, backlog: float) -> float:
        """Until these waiting messages are processed, while logs keep coming; may be infinite."""
        if backlog <= 0:
            return 0.0
        return math.inf if self.is_overloaded else backlog / (self.capacity - self.rate)


def lanes(workload: Workload, settings: Settings, *, readers: float | None = None) -> list[Lane]:
    """Those that get logs: the short lane, the long one, or both.

    :param readers: see `Mapping`
    """
    short, long = workload.lengths.split(settings.longest_short_chars)
    concurrencies = (settings.worker_max_concurrency, settings.long_worker_max_concurrency)
    found = []
    for name, (share, lengths), concurrency in zip(
        ("short", "long"), (short, long), concurrencies, strict=True
    ):
        if share:
            mapping = _mapping(lengths, settings, concurrency, readers)
            found.append(_lane(name, Workload(share * workload.rate, lengths), mapping, settings))
    return found


def _mapping(
    lengths: Lengths, settings: Settings, concurrency: int, readers: float | None
) -> Mapping:
    return Mapping(
        batch_size=min(settings.worker_batch_size, _most_in_payload(lengths)),
        window=settings.worker_batching_window_seconds,
        most_processes=concurrency,
        readers=readers,
    )


def _lane(name: str, workload: Workload, mapping: Mapping, settings: Settings) -> Lane:
    rate, lengths = workload.rate, workload.lengths
    batching = form_batches(rate, mapping, partial(batch_seconds, lengths, settings))
    per_char = settings.processing_seconds_per_char
    cpu = batching.messages * cpu_seconds(settings)
    return Lane(
        name=name,
        rate=rate,
        lengths=lengths,
        mapping=mapping,
        batching=batching,
        processing_seconds=lengths.mean() * per_char,
        # sent to the queue, received from it, claimed; the record names the time before it is put
        overhead_seconds=3 * measured.CALL_SECONDS + cpu / 2,
        longest_processing=max(lengths.shares) * per_char,
    )


def _most_in_payload(lengths: Lengths) -> int:
    message = lengths.mean() + measured.MESSAGE_BYTES + measured.EVENT_RECORD_BYTES
    return max(1, int(PAYLOAD_BYTES / message))


def cpu_seconds(settings: Settings) -> float:
    """Of one record, with the share of a CPU that the worker's memory brings."""
    share = min(1.0, settings.worker_memory_mb / measured.FULL_CPU_MB)
    return measured.WORKER_CPU_SECONDS / share


def batch_seconds(lengths: Lengths, settings: Settings, messages: float) -> float:
    """How long an invocation takes: its messages are processed side by side, so as long as the
    longest of them, and its CPU time."""
    processing = lengths.longest(messages) * settings.processing_seconds_per_char
    calls = measured.WORKER_CALLS * measured.CALL_SECONDS
    return processing + calls + messages * cpu_seconds(settings)
