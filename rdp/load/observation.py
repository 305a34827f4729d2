"""How a run of `rdp load` went, for `rdp capacity --check`: figures, and the stack's settings."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

from rdp.stack import Part, Record, Stack, StackError
from rdp.stack.messages import epoch_seconds
from rdp.waiting import wait_until

if TYPE_CHECKING:
    from collections.abc import Sequence

# CloudWatch shows lines some seconds after they were written.
_LOG_SECONDS = 60
_STORED, _START = '"message":"stored"', "START RequestId"

Observation = dict[str, str | float]


def observe(
    stack: Stack, records: Collection[Record], *, began: float, characters: int
) -> Observation:
    """Nothing else may use the stack during the run.

    :param began: seconds since the epoch
    :raises StackError: there are no records
    """
    if not records:
        raise StackError("no record was stored, so there is nothing to write down")
    received = [epoch_seconds(record.received_at) for record in records]
    stored = [epoch_seconds(record.processed_at) for record in records]
    wait_until(
        lambda: len(stack.logs.of(Part.WORKER, since=began, phrase=_STORED)),
        lambda lines: lines >= len(records),
        deadline=_LOG_SECONDS,
        what=f"the worker's log lines about {len(records):,} records",
    )
    is_short = characters <= stack.deployment.outputs.max_short_chars
    lane = stack.queues.short if is_short else stack.queues.long
    settings = stack.functions.mappings.settings(lane.name)
    return {
        "target": stack.target.value,
        "batch_size": settings.batch_size,
        "window": settings.window_seconds,
        "most_concurrent": settings.most_concurrent,
        "worker_memory_mb": stack.functions.worker_memory_mb(),
        "processing_seconds_per_char": float(
            stack.functions.worker_environment()["PROCESSING_SECONDS_PER_CHAR"]
        ),
        "characters": characters,
        "logs": len(records),
        "receiving": _span(received),
        "storing": _span(stored),
        "mean_latency": round((sum(stored) - sum(received)) / len(records), 6),
        "invocations": len(stack.logs.of(Part.WORKER, since=began, phrase=_START)),
        "deliveries": sum(record.attempt for record in records),
    }


def _span(times: Sequence[float]) -> float:
    return round(max(times) - min(times), 6)
