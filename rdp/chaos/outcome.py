"""What is left of a trial: what a check of an experiment can look at."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property

from rdp.chaos.findings import Finding
from rdp.chaos.invariants import Evidence
from rdp.chaos.plan import Log
from rdp.chaos.timeline import Timeline
from rdp.stack import LogKey, Record


@dataclass(frozen=True)
class Outcome:
    evidence: Evidence
    timeline: Timeline
    refused: frozenset[LogKey]
    """Logs that were not answered 202 before all was healed."""
    refused_but_present: frozenset[LogKey]
    """Those of them that were a record or a dead letter before they were sent again."""

    def record(self, log: Log) -> Record | None:
        return self.records.get(log.key)

    @cached_property
    def records(self) -> dict[LogKey, Record]:
        return {(record.tenant_id, record.log_id): record for record in self.evidence.table}

    @property
    def carriers(self) -> list[Log]:
        return [log for log in self.evidence.logs.values() if log.fault is not None]

    @property
    def healed_at(self) -> float:
        return max(broken.ended for broken in self.timeline.breaks)

    def attempt(self, log: Log) -> int:
        """Of its record; 0 if there is none."""
        record = self.record(log)
        return record.attempt if record else 0


Check = Callable[[Outcome], Finding]


def names(keys: Iterable[LogKey]) -> tuple[str, ...]:
    """As findings show them."""
    return tuple("/".join(key) for key in keys)
