"""The experiments by name: what is broken, what is expected, and what is checked besides I1-I6."""

from __future__ import annotations

from dataclasses import dataclass

from rdp.chaos import capacity_checks, checks
from rdp.chaos.disruption import Disruption
from rdp.chaos.disruptions import (
    ALL,
    CONTAINER_SECONDS,
    LATENCY_MILLISECONDS,
    LEAST_CONCURRENCY,
    LONG_CHARACTERS,
    OUTAGE_MINUTES,
    OUTAGE_SCALE,
    OVERLOAD_BACKLOG,
    SHORT_TIMEOUT_SECONDS,
)
from rdp.chaos.outcome import Check
from rdp.chaos.plan import Window


@dataclass(frozen=True)
class Planned:
    disruption: Disruption
    window: Window

    def __str__(self) -> str:
        return f"{self.disruption.name}@{self.window}"


@dataclass(frozen=True)
class Experiment:
    name: str
    breaks: str
    expects: str
    planned: tuple[Planned, ...] = ()
    checks: tuple[Check, ...] = ()
    noisy: bool = False
    """One tenant sends ten times as much as each of the others."""
    from_outside: bool = False
    """Something else breaks the stack during the run. Such an experiment runs only by name."""

    @property
    def may_fill_dlq(self) -> bool:
        return self.from_outside or any(p.disruption.may_fill_dlq for p in self.planned)


def _of(name: str, window: Window = Window()) -> tuple[Planned, ...]:  # noqa: B008 - frozen
    return (Planned(ALL[name], window),)


_WHOLE = Window(0, 1)
# Healed after some time, not after a number of logs: no log is answered until then.
_MOMENT = Window(0.4, 0.4)

EXPERIMENTS = (
    Experiment(
        "worker-crash",
        "the worker's process is killed in the middle of a batch",
        "the batch comes again when its claims end, and is stored by the second attempt",
        _of("worker-crash"),
        (checks.stored_later, checks.neighbours_struck_once),
    ),
    Experiment(
        "worker-timeout",
        f"records hang for longer than the worker has (its timeout: {SHORT_TIMEOUT_SECONDS} s)",
        "the worker gives them up in time, nobody waits for them, the next attempt stores them",
        _of("worker-timeout", _WHOLE),
        (checks.stored_later,),
    ),
    Experiment(
        "poison-message",
        "messages that no attempt can process",
        "five attempts in seconds, then the DLQ",
        _of("poison-message"),
        (checks.poison_in_dlq,),
    ),
    Experiment(
        "poison-among-neighbours",
        "messages that kill the process that processes them, among healthy ones",
        "they reach the DLQ after five attempts; a neighbour is taken along once at most",
        _of("poison-among-neighbours"),
        (checks.poison_in_dlq, checks.neighbours_struck_once),
    ),
    Experiment(
        "dynamodb-throttle",
        "four of five writes to the table are throttled",
        "they are tried again with backoff until all are stored",
        _of("dynamodb-throttle"),
        (checks.RETRIED,),
    ),
    Experiment(
        "dynamodb-outage",
        "every write to the table fails with a 503",
        "messages wait in the queue, or in the DLQ once their attempts are used up: a redrive"
        " stores these",
        _of("dynamodb-outage"),
        (checks.RETRIED, checks.redriven, checks.recovered),
    ),
    Experiment(
        "long-outage",
        f"every write to the table fails for {OUTAGE_MINUTES} minutes, scaled 1:{OUTAGE_SCALE} with"
        " the backoffs of AWS",
        "no log uses up its attempts, none reaches the DLQ, and none is tried at the full rate",
        _of("long-outage"),
        (checks.RETRIED, capacity_checks.backed_off, checks.recovered),
    ),
    Experiment(
        "dynamodb-lost-response",
        "half of the writes happen, but the worker never hears of it",
        "it writes again, which changes nothing: one record each",
        _of("dynamodb-lost-response"),
        (checks.DUPLICATE,),
    ),
    Experiment(
        "sqs-outage",
        "the queue refuses every message with a 503",
        "the API answers 500, nothing is half accepted, and sending again works",
        _of("sqs-outage"),
        (checks.nothing_half_accepted,),
    ),
    Experiment(
        "sqs-lost-response",
        "the queue takes every message, but the API never hears of it",
        "the API answers 500 although the message exists: at-least-once delivery",
        _of("sqs-lost-response"),
        (checks.at_least_once,),
    ),
    Experiment(
        "duplicate-delivery",
        "half of the messages are delivered once more, 2 s later",
        "the second delivery changes nothing: one record each",
        _of("duplicate-delivery", _WHOLE),
        (checks.DUPLICATE,),
    ),
    Experiment(
        "out-of-order",
        "messages become visible after a random time of up to 8 s",
        "of two versions of a log the one received last wins, whatever comes first",
        _of("out-of-order", _WHOLE),
        (checks.overtaken,),
    ),
    Experiment(
        "slow-network",
        f"every call of AWS and of the API takes {LATENCY_MILLISECONDS} ms longer",
        "all is stored, only later",
        _of("slow-network"),
        (checks.slowed,),
    ),
    Experiment(
        "noisy-tenant",
        "one tenant sends ten times as much as each other",
        "isolation and completeness (LocalStack has no fair queues: on AWS they keep the others"
        " fast too)",
        checks=(checks.latencies,),
        noisy=True,
    ),
    Experiment(
        "overload",
        f"logs come faster than {LEAST_CONCURRENCY} workers drain them, and the API refuses more"
        f" than {OVERLOAD_BACKLOG} that wait",
        "429 with Retry-After while it can still be refused; everything with a 202 is stored, and"
        " so is what is sent again later",
        (*_of("few-workers", _WHOLE), *_of("overload", _WHOLE)),
        (capacity_checks.refused_in_time,),
    ),
    Experiment(
        "long-logs",
        f"every fifth log has {LONG_CHARACTERS} characters, and each lane"
        f" {LEAST_CONCURRENCY} workers",
        "long logs wait for each other; short ones are stored as quickly as without them",
        (*_of("few-workers", _WHOLE), *_of("long-logs", _WHOLE)),
        (capacity_checks.short_logs_pass,),
    ),
    Experiment(
        "worker-paused",
        "the event source mapping is disabled while logs flow",
        "the queue holds the backlog, and the worker catches up",
        _of("worker-paused"),
        (checks.held_back, checks.recovered),
    ),
    Experiment(
        "deploy-under-load",
        "a new version of the worker is deployed while logs flow, then the first again",
        "invocations under way end with their code, later ones run the new one",
        # early enough that logs still come after the second deployment
        _of("deploy-under-load", Window(0.2, 0.5)),
        (checks.stored_on_both_sides,),
    ),
    Experiment(
        "kill-localstack",
        "LocalStack is killed (SIGKILL) while logs flow, and started again",
        "what was answered 202 is still there; a log without an answer is sent again. What could"
        " be lost here the emulator would lose: AWS's queue is durable",
        _of("kill-localstack", _MOMENT),
        (checks.interrupted, checks.recovered),
    ),
    Experiment(
        "network-partition",
        f"LocalStack's container is off its network for {CONTAINER_SECONDS} s while logs flow",
        "connections are refused; what was accepted is there, the rest is sent again",
        _of("network-partition", _MOMENT),
        (checks.interrupted, checks.recovered),
    ),
    Experiment(
        "freeze",
        f"LocalStack's container is paused for {CONTAINER_SECONDS} s while logs flow",
        "requests hang, and are answered when it resumes: nothing is lost, nothing is stored twice",
        _of("freeze", _MOMENT),
        (checks.hung, checks.recovered),
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
        (checks.poison_in_dlq, checks.RETRIED, checks.DUPLICATE),
    ),
    Experiment(
        "outside-fault",
        "something outside breaks the stack, such as an experiment of AWS FIS",
        "I1-I6",
        from_outside=True,
    ),
)

BY_NAME = {experiment.name: experiment for experiment in EXPERIMENTS}
