"""What can be broken: how, for how long, and how it is healed.

A disruption lasts as long as its context manager. It may also change some of the messages that are
sent during this time. Rules of the chaos API end on their own too, so that a killed run leaves no
broken stack.
"""

from __future__ import annotations

import contextlib
import io
import subprocess
import uuid
import zipfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from enum import Enum

from rdp.chaos.api import ChaosApi, Rule
from rdp.chaos.leftovers import Leftovers
from rdp.chaos.plan import Alteration, carrying
from rdp.checkout import LOCALSTACK_SCRIPT, WORKER_PACKAGE, runtime
from rdp.stack import Fault, Stack, StackError


class Need(Enum):
    """What a disruption needs of the stack."""

    FAULT_INJECTION = "a worker with FAULT_INJECTION=true"
    CHAOS_API = "a LocalStack with the fault injection of emulator/"
    LOCAL = "a local stack"
    CONTAINER = "a local stack in a container (`make up RUNTIME=docker`)"
    PACKAGE = "build/worker.zip (`make package`), which the worker runs"


@dataclass(frozen=True)
class Site:
    """What a disruption works on."""

    stack: Stack
    chaos: ChaosApi
    leftovers: Leftovers
    longest: float
    """Seconds after which a fault ends, even if this process was killed."""


def _nothing(_site: Site) -> AbstractContextManager[None]:
    return contextlib.nullcontext()


@dataclass(frozen=True)
class Disruption:
    name: str
    needs: frozenset[Need]
    hold: Callable[[Site], AbstractContextManager[None]] = _nothing
    alter: Alteration | None = None
    every: int = 10
    """Every how many messages one is altered."""
    may_fill_dlq: bool = False
    """Healthy messages may use up their attempts; they are redriven after it is healed."""
    lasts: float = 0.0
    """The shortest time in seconds, however fast the logs of its window are sent."""
    extra_attempts: int = 0
    """By how much a message's receive count may exceed the queue's maxReceiveCount."""
    makes_poison: bool = False
    """Its messages belong in the DLQ."""


# -- by message attribute ----------------------------------------------------------------------


def _carried(
    name: str,
    fault: Fault,
    *,
    every: int = 10,
    hold: Callable[[Site], AbstractContextManager[None]] = _nothing,
) -> Disruption:
    return Disruption(
        name,
        frozenset({Need.FAULT_INJECTION}),
        hold=hold,
        alter=carrying(fault),
        every=every,
        makes_poison=fault.is_fatal,
    )


# -- by rules of the chaos API -----------------------------------------------------------------


def _ruled(name: str, rule: Callable[[Stack], Rule], *, may_fill_dlq: bool = False) -> Disruption:
    return Disruption(
        name,
        frozenset({Need.CHAOS_API}),
        hold=lambda site: site.chaos.fault(rule(site.stack), seconds=site.longest),
        may_fill_dlq=may_fill_dlq,
    )


def _queue(stack: Stack) -> str:
    return stack.queue.name


def _put_item(stack: Stack, **fault: object) -> Rule:
    return {
        "service": "dynamodb",
        "operation": "PutItem",
        "resource": stack.records.table,
        **fault,
    }


def _send_message(stack: Stack, **fault: object) -> Rule:
    return {"service": "sqs", "operation": "SendMessage", "resource": _queue(stack), **fault}


def _worker(stack: Stack, probability: float, **invocation: object) -> Rule:
    return {
        "service": "lambda",
        "resource": stack.functions.worker,
        "invocation": invocation,
        "probability": probability,
    }


# -- by changes of the stack -------------------------------------------------------------------


def _paused(site: Site) -> AbstractContextManager[None]:
    return site.stack.functions.paused_worker()


def _redeployed(site: Site) -> AbstractContextManager[None]:
    """Deploys another package with the same code, and at the end the first one again."""
    return site.leftovers.changed_package(_marked(WORKER_PACKAGE.read_bytes()))


def _marked(package: bytes) -> bytes:
    """The package with an additional file, so that its hash differs."""
    changed = io.BytesIO(package)
    with zipfile.ZipFile(changed, "a") as archive:
        archive.writestr("DEPLOYMENT", uuid.uuid4().hex)
    return changed.getvalue()


def _localstack(strike: str, heal: str) -> Callable[[Site], AbstractContextManager[None]]:
    """Two commands of scripts/localstack.sh."""

    @contextlib.contextmanager
    def hold(_site: Site) -> Iterator[None]:
        try:
            _run_localstack(strike)
            yield
        finally:
            _run_localstack(heal)

    return hold


def runs_in_container() -> bool:
    """Whether scripts/localstack.sh started LocalStack in a container."""
    return runtime() == "docker"


def heal_container() -> None:
    """Heal a container that a killed run left paused or without a network."""
    if runs_in_container():
        _run_localstack("heal")


def _run_localstack(command: str) -> None:
    finished = subprocess.run(  # noqa: S603 - a script of ours
        [LOCALSTACK_SCRIPT, command], stdout=subprocess.DEVNULL, check=False, start_new_session=True
    )
    if finished.returncode != 0:
        raise StackError(
            f"`scripts/localstack.sh {command}` failed (status {finished.returncode}); it says why"
            " on standard error"
        )


@contextlib.contextmanager
def _killed_environments(site: Site) -> Iterator[None]:
    site.chaos.kill(site.stack.functions.worker)
    yield


# -- all of them -------------------------------------------------------------------------------

SHORT_TIMEOUT_SECONDS = 15
LATENCY_MILLISECONDS = 300
# longer than the worker claims a message, so that a later attempt stores it even if the worker
# already has its normal timeout again
_HANG_SECONDS = 40
CONTAINER_SECONDS = 10

ALL = {
    disruption.name: disruption
    for disruption in (
        # sent while the mapping is disabled, so that they come in full batches, among neighbours
        _carried("worker-crash", Fault("kill", attempts=1), hold=_paused),
        _carried(
            "worker-timeout",
            Fault("hang", attempts=1, seconds=_HANG_SECONDS),
            hold=lambda site: site.leftovers.changed_timeout(SHORT_TIMEOUT_SECONDS),
        ),
        _carried("transient-failures", Fault("transient", attempts=2), every=3),
        _carried("poison-message", Fault("permanent")),
        _carried("poison-among-neighbours", Fault("kill"), every=15, hold=_paused),
        _ruled(
            "dynamodb-throttle",
            lambda stack: _put_item(
                stack,
                probability=0.8,
                error={"statusCode": 400, "code": "ProvisionedThroughputExceededException"},
            ),
            may_fill_dlq=True,
        ),
        # long enough for some messages to use up their attempts
        replace(
            _ruled("dynamodb-outage", lambda stack: _put_item(stack, error={}), may_fill_dlq=True),
            lasts=45,
        ),
        _ruled(
            "dynamodb-lost-response",
            lambda stack: _put_item(stack, probability=0.5, loseResponse=True),
            may_fill_dlq=True,
        ),
        _ruled("sqs-outage", lambda stack: _send_message(stack, error={})),
        _ruled("sqs-lost-response", lambda stack: _send_message(stack, loseResponse=True)),
        replace(
            _ruled(
                "duplicate-delivery",
                lambda stack: {
                    "service": "sqs",
                    "resource": _queue(stack),
                    "delivery": {"kind": "duplicate", "delaySeconds": 2},
                    "probability": 0.5,
                },
            ),
            # the copy of the last delivery counts as another attempt
            extra_attempts=1,
        ),
        _ruled(
            "out-of-order",
            lambda stack: {
                "service": "sqs",
                "resource": _queue(stack),
                "delivery": {"kind": "outOfOrder", "delaySeconds": 8},
            },
        ),
        _ruled(
            "worker-killed",
            lambda stack: _worker(stack, 0.3, action="kill", afterMilliseconds=500),
        ),
        _ruled(
            "worker-result-lost",
            lambda stack: _worker(
                stack, 0.5, action="aws:lambda:invocation-error", preventExecution=False
            ),
        ),
        Disruption(
            "slow-network",
            frozenset({Need.CHAOS_API}),
            hold=lambda site: site.chaos.latency(LATENCY_MILLISECONDS, seconds=site.longest),
        ),
        Disruption("environments-killed", frozenset({Need.CHAOS_API}), hold=_killed_environments),
        Disruption("worker-paused", frozenset(), hold=_paused),
        Disruption("deploy-under-load", frozenset({Need.PACKAGE}), hold=_redeployed),
        Disruption("kill-localstack", frozenset({Need.LOCAL}), hold=_localstack("kill", "start")),
        Disruption(
            "network-partition",
            frozenset({Need.CONTAINER}),
            hold=_localstack("partition", "heal"),
            lasts=CONTAINER_SECONDS,
        ),
        Disruption(
            "freeze",
            frozenset({Need.CONTAINER}),
            hold=_localstack("freeze", "heal"),
            lasts=CONTAINER_SECONDS,
        ),
    )
}
