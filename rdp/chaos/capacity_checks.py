"""What an experiment checks besides I1-I6 where there is more to do than the pipeline can."""

from __future__ import annotations

from http import HTTPStatus

from rdp.chaos.findings import Finding, judged
from rdp.chaos.outcome import Outcome, names
from rdp.stack.messages import epoch_seconds

# what a log of the long lane takes at least, with 0.05 s a character
_LONG_SECONDS = 20


def backed_off(outcome: Outcome) -> Finding:
    """Without a backoff, the attempts of a log would take seconds, and end before the outage."""
    [broken] = outcome.timeline.breaks
    struck = {
        log.key for log in outcome.evidence.logs.values() if outcome.attempt(log) > 1
    } | outcome.evidence.neighbours_dead
    dead = outcome.evidence.neighbours_dead
    most = max((outcome.attempt(log) for log in outcome.evidence.logs.values()), default=0)
    return judged(
        "backed off",
        proven=struck,
        holds=not dead,
        text=f"{len(struck)} logs failed during {broken.healing - broken.in_force:.0f} s without"
        f" the table, {len(dead)} of them reached the DLQ; at most {most} attempts",
        logs=names(sorted(dead)),
    )


def refused_in_time(outcome: Outcome) -> Finding:
    refused = {
        r.log.key
        for r in outcome.evidence.book.requests
        if r.status == HTTPStatus.TOO_MANY_REQUESTS
    }
    half = sorted(refused & outcome.refused_but_present)
    return judged(
        "refused in time",
        proven=refused,
        holds=not half,
        text=f"{len(refused)} logs were answered 429, {len(half)} of them exist (then all were sent"
        " again)",
        logs=names(half),
    )


def short_logs_pass(outcome: Outcome) -> Finding:
    """In one lane, every batch with a long log would last as long as that log."""
    seconds: dict[bool, list[float]] = {True: [], False: []}
    for log in outcome.evidence.logs.values():
        if record := outcome.record(log):
            lasted = epoch_seconds(record.processed_at) - epoch_seconds(record.received_at)
            seconds[log.characters > 0].append(lasted)
    long, short = sorted(seconds[True]), sorted(seconds[False])
    slowest = short[int(0.95 * len(short))] if short else 0.0
    return judged(
        "short logs pass",
        proven=long and short and long[0] > _LONG_SECONDS,
        holds=not long or slowest < long[0] / 2,
        text=f"95 % of {len(short)} short logs were stored within {slowest:.1f} s,"
        f" {len(long)} long ones after {min(long, default=0):.1f}-{max(long, default=0):.1f} s",
    )
