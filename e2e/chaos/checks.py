"""What an experiment checks beyond I1-I6: that its fault struck, and what became of that."""

from __future__ import annotations

import statistics
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from e2e.chaos.disruptions import LATENCY_MILLISECONDS
from e2e.chaos.invariants import Evidence, Finding
from e2e.chaos.plan import Log
from e2e.chaos.timeline import Timeline
from e2e.ledger import LogKey
from e2e.wire import Record

_OVERTAKEN_SECONDS = 3
# more than a request takes that nothing holds up
_HUNG_SECONDS = 1


@dataclass(frozen=True)
class Outcome:
    """What a check beyond the invariants may look at."""

    evidence: Evidence
    timeline: Timeline
    refused: frozenset[LogKey]
    """Not answered 202 before all was healed."""
    refused_but_present: frozenset[LogKey]
    """Of these: a record or a dead letter once the pipeline was quiet, before they were resent."""

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


Check = Callable[[Outcome], Finding]


def _finding(name: str, some: list[Log], wrong: list[Log], well: str, broken: str) -> Finding:
    """What should hold of some logs, and does not of the wrong ones. Of none, it proves nothing."""
    logs = tuple("/".join(log.key) for log in wrong)
    return Finding(name, bool(some) and not wrong, f"{len(logs)} {broken}" if wrong else well, logs)


def stored_later(outcome: Outcome) -> Finding:
    struck = outcome.carriers
    return _finding(
        "retried",
        struck,
        [log for log in struck if _attempt(outcome, log) < 2],
        f"all {len(struck)} logs that were struck were stored by a later attempt",
        f"of {len(struck)} were not stored by a later attempt",
    )


def _attempt(outcome: Outcome, log: Log) -> int:
    record = outcome.record(log)
    return record.attempt if record else 0


def poison_in_dlq(outcome: Outcome) -> Finding:
    poison = [log for log in outcome.evidence.logs.values() if log.is_poison]
    missing = [log for log in poison if log.key not in outcome.evidence.letters]
    return _finding(
        "DLQ",
        poison,
        missing,
        f"all {len(poison)} poisonous messages are there, and nothing else",
        f"of {len(poison)} poisonous messages are not there",
    )


def neighbours_struck_once(outcome: Outcome) -> Finding:
    healthy = [log for log in outcome.evidence.logs.values() if log.fault is None]
    struck = [log for log in healthy if _attempt(outcome, log) > 2]
    again = sum(_attempt(outcome, log) == 2 for log in healthy)
    return _finding(
        "neighbours",
        healthy,
        struck,
        f"{again} of {len(healthy)} healthy logs were taken along once, none twice",
        "neighbours were struck more than once",
    )


def nothing_half_accepted(outcome: Outcome) -> Finding:
    half = sorted(outcome.refused_but_present)
    return Finding(
        "nothing half accepted",
        not half and bool(outcome.refused),
        f"{len(outcome.refused)} logs were answered 500, {len(half)} of them exist"
        " (then all were sent again)",
        tuple("/".join(key) for key in half),
    )


def at_least_once(outcome: Outcome) -> Finding:
    refused, present = len(outcome.refused), len(outcome.refused_but_present)
    return Finding(
        "at least once",
        refused > 0 and present == refused,
        f"{refused} logs were answered 500, and {present} of them exist: the queue took the"
        " message, and its answer was lost. Sending again was safe: one record each",
        tuple("/".join(key) for key in sorted(outcome.refused - outcome.refused_but_present)),
    )


def _told(event: str, what: str) -> Check:
    """The disruption struck: the worker's log tells of such an event."""

    def check(outcome: Outcome) -> Finding:
        tenants = outcome.evidence.book.tenants()
        count = sum(
            line.event == event and (line.fields or {}).get("tenant_id") in tenants
            for line in outcome.evidence.lines
        )
        return Finding(event, count > 0, f"{count} {what}")

    return check


RETRIED = _told("retried", "attempts failed and were tried again")
DUPLICATE = _told("duplicate", "writes found the record there already, and changed nothing")


def redriven(outcome: Outcome) -> Finding:
    redriven = outcome.evidence.neighbours_dead
    unstored = redriven - outcome.records.keys()
    return Finding(
        "redrive",
        bool(redriven) and not unstored,
        f"{len(redriven)} logs were in the DLQ, and {len(redriven - unstored)} of them are records"
        " after the redrive",
        tuple("/".join(key) for key in sorted(unstored)),
    )


def overtaken(outcome: Outcome) -> Finding:
    """More than batches side by side explain: one log takes a second."""
    latest = 0.0
    count = 0
    for record in sorted(outcome.evidence.table, key=lambda record: record.processed_at):
        received = _seconds(record.received_at)
        count += received < latest - _OVERTAKEN_SECONDS
        latest = max(latest, received)
    return Finding(
        "disorder",
        count > 0,
        f"{count} logs were stored after one that was received {_OVERTAKEN_SECONDS} s later",
    )


def slowed(outcome: Outcome) -> Finding:
    [broken] = outcome.timeline.breaks
    took = [
        request.answered_at - request.sent_at
        for request in outcome.evidence.book.requests
        if broken.in_force < request.sent_at and request.answered_at < broken.healing
    ]
    return Finding(
        "slow",
        bool(took) and min(took) * 1000 >= LATENCY_MILLISECONDS,
        f"{len(took)} answers took {min(took, default=0):.2f}-{max(took, default=0):.2f} s",
    )


def hung(outcome: Outcome) -> Finding:
    [broken] = outcome.timeline.breaks
    hung = [
        request
        for request in outcome.evidence.book.requests
        if request.sent_at < broken.healing - _HUNG_SECONDS and broken.healing < request.answered_at
    ]
    late = sum(request.status == 202 for request in hung)
    return Finding(
        "hung",
        bool(hung),
        f"{len(hung)} requests hung until it went on; {late} of them were answered 202 then",
    )


def interrupted(outcome: Outcome) -> Finding:
    return Finding(
        "interrupted",
        bool(outcome.refused),
        f"{len(outcome.refused)} logs had no 202, {len(outcome.refused_but_present)} of them exist"
        " (then all were sent again)",
    )


def recovered(outcome: Outcome) -> Finding:
    last = max((_seconds(record.processed_at) for record in outcome.evidence.table), default=0.0)
    healed = outcome.healed_at
    waiting = max((sample.waiting for sample in outcome.timeline.samples), default=0)
    return Finding(
        "recovery",
        last > healed,
        f"{waiting} messages waited at most; the last was stored"
        f" {last - healed:.1f} s after it was healed",
    )


def held_back(outcome: Outcome) -> Finding:
    """A batch that was received before may end within the pause."""
    [broken] = outcome.timeline.breaks
    held = [
        _seconds(record.processed_at)
        for record in outcome.evidence.table
        if broken.in_force < _seconds(record.received_at) < broken.healing
    ]
    early = sum(stored < broken.healing for stored in held)
    return Finding(
        "held back",
        bool(held) and not early,
        f"{early} of {len(held)} logs that came meanwhile were stored before it was healed",
    )


def stored_on_both_sides(outcome: Outcome) -> Finding:
    """New code runs in new execution environments, each with a log stream of its own."""
    [broken] = outcome.timeline.breaks
    before = {r.worker_id for r in outcome.evidence.table if _seconds(r.received_at) < broken.began}
    since = {r.worker_id for r in outcome.evidence.table if _seconds(r.received_at) > broken.ended}
    return Finding(
        "deployed",
        bool(before and since) and not before & since,
        f"{len(before)} environments before the first deployment, {len(since)} others"
        " after the second",
    )


def latencies(outcome: Outcome) -> Finding:
    """Told, not judged: LocalStack accepts message groups and does not make queues fair."""
    medians = {
        tenant: statistics.median(
            _seconds(record.processed_at) - _seconds(record.received_at)
            for record in outcome.evidence.table
            if record.tenant_id == tenant
        )
        for tenant in sorted({record.tenant_id for record in outcome.evidence.table})
    }
    told = ", ".join(f"{tenant} {median:.1f} s" for tenant, median in medians.items())
    return Finding(
        "tenants", len(medians) > 1, f"median from receipt to record (not judged): {told}"
    )


def _seconds(timestamp: str) -> float:
    return datetime.fromisoformat(timestamp).timestamp()
