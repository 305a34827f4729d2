"""What an experiment checks besides I1-I6: that its fault struck, and what came of it.

If the fault struck nothing, the verdict is unknown. If something that it struck did not end as the
experiment expects, the verdict is broken.
"""

from __future__ import annotations

import statistics

from rdp.chaos.disruptions import LATENCY_MILLISECONDS
from rdp.chaos.findings import Finding, judged
from rdp.chaos.outcome import Check, Outcome, names
from rdp.chaos.plan import Log
from rdp.stack.messages import epoch_seconds

_OVERTAKEN_SECONDS = 3
# longer than any request takes without a fault
_HUNG_SECONDS = 1


def _of_logs(name: str, judged_logs: list[Log], wrong: list[Log], ok: str, broken: str) -> Finding:
    """Holds if none of the judged logs is wrong. Without a log, nothing is proven."""
    return judged(
        name,
        proven=judged_logs,
        holds=not wrong,
        text=f"{len(wrong)} {broken}" if wrong else ok,
        logs=names(log.key for log in wrong),
    )


def _struck(name: str, struck: object, text: str) -> Finding:
    """Only that the fault struck is to be proven."""
    return judged(name, proven=struck, holds=True, text=text)


def stored_later(outcome: Outcome) -> Finding:
    struck = outcome.carriers
    return _of_logs(
        "retried",
        struck,
        [log for log in struck if outcome.attempt(log) < 2],
        f"all {len(struck)} logs that the fault struck were stored by a later attempt",
        f"of {len(struck)} were not stored by a later attempt",
    )


def poison_in_dlq(outcome: Outcome) -> Finding:
    poison = [log for log in outcome.evidence.logs.values() if log.is_poison]
    missing = [log for log in poison if log.key not in outcome.evidence.letters]
    return _of_logs(
        "DLQ",
        poison,
        missing,
        f"all {len(poison)} poisonous messages are there, and nothing else",
        f"of {len(poison)} poisonous messages are not there",
    )


def neighbours_struck_once(outcome: Outcome) -> Finding:
    healthy = [log for log in outcome.evidence.logs.values() if log.fault is None]
    struck = [log for log in healthy if outcome.attempt(log) > 2]
    again = sum(outcome.attempt(log) == 2 for log in healthy)
    return _of_logs(
        "neighbours",
        healthy,
        struck,
        f"{again} of {len(healthy)} healthy logs were taken along once, none twice",
        "neighbours were struck more than once",
    )


def nothing_half_accepted(outcome: Outcome) -> Finding:
    half = sorted(outcome.refused_but_present)
    return judged(
        "nothing half accepted",
        proven=outcome.refused,
        holds=not half,
        text=f"{len(outcome.refused)} logs were answered 500, {len(half)} of them exist"
        " (then all were sent again)",
        logs=names(half),
    )


def at_least_once(outcome: Outcome) -> Finding:
    """If a refused log does not exist, no promise is broken: another fault struck it."""
    refused, present = len(outcome.refused), len(outcome.refused_but_present)
    return judged(
        "at least once",
        proven=refused and present == refused,
        holds=True,
        text=f"{refused} logs were answered 500, and {present} of them exist: the queue took the"
        " message, and its answer was lost. Sending again was safe: one record each",
        logs=names(sorted(outcome.refused - outcome.refused_but_present)),
    )


def _logged(event: str, what: str) -> Check:
    """Checks that the worker logged such an event."""

    def check(outcome: Outcome) -> Finding:
        tenants = outcome.evidence.book.tenants()
        count = sum(
            line.event == event and (line.fields or {}).get("tenant_id") in tenants
            for line in outcome.evidence.lines
        )
        return _struck(event, count, f"{count} {what}")

    return check


RETRIED = _logged("retried", "attempts failed and were tried again")
DUPLICATE = _logged("duplicate", "writes found the record there already, and changed nothing")


def redriven(outcome: Outcome) -> Finding:
    redriven = outcome.evidence.neighbours_dead
    unstored = redriven - outcome.records.keys()
    return judged(
        "redrive",
        proven=redriven,
        holds=not unstored,
        text=f"{len(redriven)} logs were in the DLQ, and {len(redriven - unstored)} of them are"
        " records after the redrive",
        logs=names(sorted(unstored)),
    )


def overtaken(outcome: Outcome) -> Finding:
    """A log that is stored 3 s late was delayed by the fault: concurrent batches differ by less."""
    latest = 0.0
    count = 0
    for record in sorted(outcome.evidence.table, key=lambda record: record.processed_at):
        received = epoch_seconds(record.received_at)
        count += received < latest - _OVERTAKEN_SECONDS
        latest = max(latest, received)
    return _struck(
        "disorder",
        count,
        f"{count} logs were stored after one that was received {_OVERTAKEN_SECONDS} s later",
    )


def slowed(outcome: Outcome) -> Finding:
    [broken] = outcome.timeline.breaks
    took = [
        request.answered_at - request.sent_at
        for request in outcome.evidence.book.requests
        if broken.in_force < request.sent_at and request.answered_at < broken.healing
    ]
    return _struck(
        "slow",
        took and min(took) * 1000 >= LATENCY_MILLISECONDS,
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
    return _struck(
        "hung",
        hung,
        f"{len(hung)} requests hung until it was healed; {late} of them were then answered 202",
    )


def interrupted(outcome: Outcome) -> Finding:
    return _struck(
        "interrupted",
        outcome.refused,
        f"{len(outcome.refused)} logs had no 202, {len(outcome.refused_but_present)} of them exist"
        " (then all were sent again)",
    )


def recovered(outcome: Outcome) -> Finding:
    stored = [epoch_seconds(record.processed_at) for record in outcome.evidence.table]
    last = max(stored, default=0.0)
    healed = outcome.healed_at
    waiting = max((sample.waiting for sample in outcome.timeline.samples), default=0)
    return _struck(
        "recovery",
        last > healed,
        f"{waiting} messages waited at most; the last was stored"
        f" {last - healed:.1f} s after it was healed",
    )


def held_back(outcome: Outcome) -> Finding:
    """Batches that were received before the pause may end during it."""
    [broken] = outcome.timeline.breaks
    held = [
        epoch_seconds(record.processed_at)
        for record in outcome.evidence.table
        if broken.in_force < epoch_seconds(record.received_at) < broken.healing
    ]
    early = sum(stored < broken.healing for stored in held)
    return judged(
        "held back",
        proven=held,
        holds=not early,
        text=f"{early} of {len(held)} logs that came during the pause were stored before its end",
    )


def stored_on_both_sides(outcome: Outcome) -> Finding:
    """New code runs in new execution environments, whose log streams have other names."""
    [broken] = outcome.timeline.breaks
    table = outcome.evidence.table
    before = {r.worker_id for r in table if epoch_seconds(r.received_at) < broken.began}
    since = {r.worker_id for r in table if epoch_seconds(r.received_at) > broken.ended}
    return judged(
        "deployed",
        proven=before and since,
        holds=not before & since,
        text=f"{len(before)} environments before the first deployment, {len(since)} others"
        " after the second",
    )


def latencies(outcome: Outcome) -> Finding:
    """Shown but not judged: LocalStack accepts message groups, but its queues are not fair."""
    medians = {
        tenant: statistics.median(
            epoch_seconds(record.processed_at) - epoch_seconds(record.received_at)
            for record in outcome.evidence.table
            if record.tenant_id == tenant
        )
        for tenant in sorted({record.tenant_id for record in outcome.evidence.table})
    }
    shown = ", ".join(f"{tenant} {median:.1f} s" for tenant, median in medians.items())
    return _struck(
        "tenants", len(medians) > 1, f"median from receipt to record (not judged): {shown}"
    )
