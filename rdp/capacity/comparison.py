"""The model compared with a run of `rdp load`, so that the model can be wrong and say so."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass, fields

from rdp.capacity import measured
from rdp.capacity.lane import Lane, lanes
from rdp.capacity.settings import InvalidSettingError, Settings
from rdp.capacity.workload import InvalidWorkloadError, Lengths, Workload

TOLERANCE = 0.2


class InvalidRunError(ValueError):
    """The message says what is wrong with the file."""


@dataclass(frozen=True, kw_only=True)
class Run:
    """What `rdp load --output` writes. Times are in seconds."""

    target: str
    """local or aws."""
    batch_size: int
    window: int
    most_concurrent: int
    worker_memory_mb: int
    processing_seconds_per_char: float
    characters: int
    logs: int
    receiving: float
    """From the first log to the last."""
    storing: float
    """From the first record to the last."""
    mean_latency: float
    """From receipt to record."""
    invocations: int
    deliveries: int
    """Messages that the worker got, again ones included."""

    @classmethod
    def parse(cls, text: str) -> Run:
        """:raises InvalidRunError: `rdp load --output` did not write it"""
        try:
            found = json.loads(text)
        except ValueError:
            raise InvalidRunError("it is not JSON") from None
        if not isinstance(found, dict):
            raise InvalidRunError("it is not a JSON object")
        names = [field.name for field in fields(cls)]
        if wrong := [name for name in names if not _is_figure(name, found.get(name))]:
            raise InvalidRunError(f"{wrong[0]} is {json.dumps(found.get(wrong[0]))}")
        if found["logs"] < 2 or found["receiving"] <= 0 or found["storing"] <= 0:
            raise InvalidRunError(f"{found['logs']} logs are too few to compare")
        return cls(**{name: found[name] for name in names})


def _is_figure(name: str, value: object) -> bool:
    if name == "target":
        return value in ("local", "aws")
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        return False
    return value > 0 or (value == 0 and name in {"window", "processing_seconds_per_char"})


@dataclass(frozen=True)
class Comparison:
    name: str
    predicted: float
    measured: float

    @property
    def deviation(self) -> float:
        """Of the prediction, as a share of what was measured; above 0 if it is too high."""
        return self.predicted / self.measured - 1

    @property
    def holds(self) -> bool:
        return abs(self.deviation) <= TOLERANCE


def compare(run: Run) -> list[Comparison]:
    """:raises InvalidRunError: the run's settings are out of their ranges"""
    lane = _lane(run)
    return [
        Comparison("logs stored a second", _stored_a_second(lane, run), run.logs / run.storing),
        Comparison(
            "seconds from receipt to record",
            lane.mean_latency_of_run(run.receiving),
            run.mean_latency,
        ),
        Comparison("messages a batch", lane.batching.messages, run.deliveries / run.invocations),
    ]


def _lane(run: Run) -> Lane:
    """All logs have one length, so they share one lane."""
    is_local = run.target == "local"
    try:
        settings = Settings(
            worker_batch_size=run.batch_size,
            worker_batching_window_seconds=run.window,
            worker_max_concurrency=run.most_concurrent,
            # The emulator gives each environment as much CPU as there is.
            worker_memory_mb=measured.FULL_CPU_MB if is_local else run.worker_memory_mb,
            processing_seconds_per_char=run.processing_seconds_per_char,
            long_log_seconds=900,
        )
        workload = Workload(run.logs / run.receiving, Lengths.parse(str(run.characters)))
    except (InvalidSettingError, InvalidWorkloadError) as error:
        raise InvalidRunError(str(error)) from None
    # The emulator has one process that reads; it does not wait for an invocation to end.
    [lane] = lanes(workload, settings, readers=1 if is_local else None)
    return lane


def _stored_a_second(lane: Lane, run: Run) -> float:
    """All logs, from the first record to the last: both wait as long, unless there is a backlog."""
    return run.logs / max(run.receiving, run.logs / lane.capacity)
