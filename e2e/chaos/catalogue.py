"""The experiments, by name: what is broken, what is expected, and what is checked beyond I1-I6."""

from __future__ import annotations

import statistics
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from e2e.chaos.disruptions import (
    ALL,
    CONTAINER_SECONDS,
    LATENCY_MILLISECONDS,
    SHORT_TIMEOUT_SECONDS,
    Disruption,
)
from e2e.chaos.invariants import Evidence, Finding
from e2e.chaos.plan import Log, Window
from e2e.chaos.timeline import Timeline
from e2e.ledger import LogKey
from e2e.wire import Record


@dataclass(frozen=True)
class Planned:
    disruption: Disruption
    window: Window

    def __str__(self) -> str:
        return f"{self.disruption.name}@{self.window}"


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

    @property
    def records(self) -> dict[LogKey, Record]:
        return {(record.tenant_id, record.log_id): record for record in self.evidence.table}

    @property
    def carriers(self) -> list[Log]:
        return [log for log in self.evidence.logs.values() if log.fault is not None]

    @property
    def healed_at(self) -> float:
        return max(broken.ended for broken in self.timeline.breaks)


_OVERTAKEN_SECONDS = 3

Check = Callable[[Outcome], Finding]


@dataclass(frozen=True)
class Experiment:
    name: str
    breaks: str
    expects: str
    planned: tuple[Planned, ...] = ()
    checks: tuple[Check, ...] = ()
    noisy: bool = False
    """One tenant sends ten times as much as each other."""


# -- checks ------------------------------------------------------------------------------------


def _finding(name: str, wrong: list[Log], well: str, broken: str) -> Finding:
    logs = tuple("/".join(log.key) for log in wrong)
    return Finding(name, not wrong, f"{len(logs)} {broken}" if wrong else well, logs)


def _stored_later(outcome: Outcome) -> Finding:
    early = [log for log in outcome.carriers if _attempt(outcome, log) < 2]
    count = len(outcome.carriers)
    return _finding(
        "retried",
        early,
        f"all {count} logs that were struck were stored by a later attempt",
        f"of {count} were not stored by a later attempt",
    )


def _attempt(outcome: Outcome, log: Log) -> int:
    record = outcome.record(log)
    return record.attempt if record else 0


def _poison_in_dlq(outcome: Outcome) -> Finding:
    poison = [log for log in outcome.evidence.logs.values() if log.is_poison]
    missing = [log for log in poison if log.key not in outcome.evidence.letters]
    return _finding(
        "DLQ",
        missing,
        f"all {len(poison)} poisonous messages are there, and nothing else",
        f"of {len(poison)} poisonous messages are not there",
    )


def _neighbours_struck_once(outcome: Outcome) -> Finding:
    healthy = [log for log in outcome.evidence.logs.values() if log.fault is None]
    struck = [log for log in healthy if _attempt(outcome, log) > 2]
    again = sum(_attempt(outcome, log) == 2 for log in healthy)
    return _finding(
        "neighbours",
        struck,
        f"{again} of {len(healthy)} healthy logs were taken along once, none twice",
        "neighbours were struck more than once",
    )


def _nothing_half_accepted(outcome: Outcome) -> Finding:
    half = sorted(outcome.refused_but_present)
    return Finding(
        "nothing half accepted",
        not half and bool(outcome.refused),
        f"{len(outcome.refused)} logs were answered 500, {len(half)} of them exist"
        " (then all were sent again)",
        tuple("/".join(key) for key in half),
    )


def _at_least_once(outcome: Outcome) -> Finding:
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


_RETRIED = _told("retried", "attempts failed and were tried again")
_DUPLICATE = _told("duplicate", "writes found the record there already, and changed nothing")


def _redriven(outcome: Outcome) -> Finding:
    redriven = outcome.evidence.neighbours_dead
    unstored = redriven - outcome.records.keys()
    return Finding(
        "redrive",
        bool(redriven) and not unstored,
        f"{len(redriven)} logs were in the DLQ, and {len(redriven - unstored)} of them are records"
        " after the redrive",
        tuple("/".join(key) for key in sorted(unstored)),
    )


def _overtaken(outcome: Outcome) -> Finding:
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


def _slowed(outcome: Outcome) -> Finding:
    [broken] = outcome.timeline.breaks
    took = [
        request.answered_at - request.sent_at
        for request in outcome.evidence.book.requests
        if broken.began < request.sent_at and request.answered_at < broken.ended
    ]
    return Finding(
        "slow",
        bool(took) and min(took) * 1000 >= LATENCY_MILLISECONDS,
        f"{len(took)} answers took {min(took, default=0):.2f}-{max(took, default=0):.2f} s",
    )


def _hung(outcome: Outcome) -> Finding:
    [broken] = outcome.timeline.breaks
    hung = [
        request
        for request in outcome.evidence.book.requests
        if request.sent_at < broken.ended < request.answered_at
    ]
    late = sum(request.status == 202 for request in hung)
    return Finding(
        "hung",
        bool(hung),
        f"{len(hung)} requests hung until it went on; {late} of them were answered 202 then",
    )


def _interrupted(outcome: Outcome) -> Finding:
    return Finding(
        "interrupted",
        bool(outcome.refused),
        f"{len(outcome.refused)} logs had no 202, {len(outcome.refused_but_present)} of them exist"
        " (then all were sent again)",
    )


def _recovered(outcome: Outcome) -> Finding:
    last = max((_seconds(record.processed_at) for record in outcome.evidence.table), default=0.0)
    healed = outcome.healed_at
    waiting = max((sample.waiting for sample in outcome.timeline.samples), default=0)
    return Finding(
        "recovery",
        last > healed,
        f"{waiting} messages waited at most; the last was stored"
        f" {last - healed:.1f} s after it was healed",
    )


def _stored_on_both_sides(outcome: Outcome) -> Finding:
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


def _latencies(outcome: Outcome) -> Finding:
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


# -- the catalogue -----------------------------------------------------------------------------


def _of(name: str, window: Window = Window()) -> tuple[Planned, ...]:  # noqa: B008 - frozen
    return (Planned(ALL[name], window),)


_WHOLE = Window(0, 1)
# healed after its time, not after so many logs: nothing is answered meanwhile
_MOMENT = Window(0.4, 0.4)

EXPERIMENTS = (
    Experiment(
        "worker-crash",
        "the worker's process is killed in the middle of a batch",
        "the batch comes again when its claims end, and is stored by the second attempt",
        _of("worker-crash"),
        (_stored_later, _neighbours_struck_once),
    ),
    Experiment(
        "worker-timeout",
        f"records hang for longer than the worker has (its timeout: {SHORT_TIMEOUT_SECONDS} s)",
        "the worker gives them up in time, nobody waits for them, the next attempt stores them",
        _of("worker-timeout", _WHOLE),
        (_stored_later,),
    ),
    Experiment(
        "poison-message",
        "messages that no attempt can process",
        "five attempts in seconds, then the DLQ",
        _of("poison-message"),
        (_poison_in_dlq,),
    ),
    Experiment(
        "poison-among-neighbours",
        "messages that kill the process that processes them, among healthy ones",
        "they reach the DLQ after five attempts; a neighbour is taken along once at most",
        _of("poison-among-neighbours"),
        (_poison_in_dlq, _neighbours_struck_once),
    ),
    Experiment(
        "dynamodb-throttle",
        "four of five writes to the table are throttled",
        "they are tried again with backoff until all are stored",
        _of("dynamodb-throttle"),
        (_RETRIED,),
    ),
    Experiment(
        "dynamodb-outage",
        "every write to the table fails with a 503",
        "messages wait in the queue, or in the DLQ once their attempts are used up: a redrive"
        " stores these",
        _of("dynamodb-outage"),
        (_RETRIED, _redriven, _recovered),
    ),
    Experiment(
        "dynamodb-lost-response",
        "half of the writes happen, but the worker never hears of it",
        "it writes again, which changes nothing: one record each",
        _of("dynamodb-lost-response"),
        (_DUPLICATE,),
    ),
    Experiment(
        "sqs-outage",
        "the queue refuses every message with a 503",
        "the API answers 500, nothing is half accepted, and sending again works",
        _of("sqs-outage"),
        (_nothing_half_accepted,),
    ),
    Experiment(
        "sqs-lost-response",
        "the queue takes every message, but the API never hears of it",
        "the API answers 500 although the message exists: at-least-once delivery",
        _of("sqs-lost-response"),
        (_at_least_once,),
    ),
    Experiment(
        "duplicate-delivery",
        "half of the messages are delivered once more, 2 s later",
        "the second delivery changes nothing: one record each",
        _of("duplicate-delivery", _WHOLE),
        (_DUPLICATE,),
    ),
    Experiment(
        "out-of-order",
        "messages become visible after a random time of up to 8 s",
        "of two versions of a log the one received last wins, whatever comes first",
        _of("out-of-order", _WHOLE),
        (_overtaken,),
    ),
    Experiment(
        "slow-network",
        f"every call of AWS and of the API takes {LATENCY_MILLISECONDS} ms longer",
        "all is stored, only later",
        _of("slow-network"),
        (_slowed,),
    ),
    Experiment(
        "noisy-tenant",
        "one tenant sends ten times as much as each other",
        "isolation and completeness (LocalStack has no fair queues: on AWS they keep the others"
        " fast too)",
        checks=(_latencies,),
        noisy=True,
    ),
    Experiment(
        "worker-paused",
        "the event source mapping is disabled while logs flow",
        "the queue holds the backlog, and the worker catches up",
        _of("worker-paused"),
        (_recovered,),
    ),
    Experiment(
        "deploy-under-load",
        "a new version of the worker is deployed while logs flow, then the first again",
        "invocations under way end with their code, later ones run the new one",
        _of("deploy-under-load"),
        (_stored_on_both_sides,),
    ),
    Experiment(
        "kill-localstack",
        "LocalStack is killed (SIGKILL) while logs flow, and started again",
        "what was answered 202 is still there; a log without an answer is sent again. What could"
        " be lost here the emulator would lose: AWS's queue is durable",
        _of("kill-localstack", _MOMENT),
        (_interrupted, _recovered),
    ),
    Experiment(
        "network-partition",
        f"LocalStack's container is off its network for {CONTAINER_SECONDS} s while logs flow",
        "connections are refused; what was accepted is there, the rest is sent again",
        _of("network-partition", _MOMENT),
        (_interrupted, _recovered),
    ),
    Experiment(
        "freeze",
        f"LocalStack's container is paused for {CONTAINER_SECONDS} s while logs flow",
        "requests hang, and are answered when it goes on: nothing is lost, nothing is stored twice",
        _of("freeze", _MOMENT),
        (_hung, _recovered),
    ),
    Experiment(
        "everything-at-once",
        "crashes, poison, throttling, lost answers, duplicates, disorder and latency, overlapping",
        "as each alone",
        (
            Planned(ALL["worker-crash"], Window(0.1, 0.5)),
            Planned(ALL["poison-message"], Window(0.2, 0.6)),
            Planned(ALL["dynamodb-throttle"], Window(0.2, 0.7)),
            Planned(ALL["sqs-lost-response"], Window(0.3, 0.5)),
            Planned(ALL["duplicate-delivery"], Window(0.1, 0.8)),
            Planned(ALL["out-of-order"], Window(0.4, 0.9)),
            Planned(ALL["slow-network"], Window(0.5, 0.8)),
        ),
        (_poison_in_dlq, _RETRIED, _DUPLICATE),
    ),
)

BY_NAME = {experiment.name: experiment for experiment in EXPERIMENTS}
