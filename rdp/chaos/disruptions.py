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
from contextlib import AbstractContextManager, ExitStack
from dataclasses import replace

from rdp.chaos.api import Rule
from rdp.chaos.disruption import Disruption, Need, Site, nothing
from rdp.chaos.plan import carrying, lengthened
from rdp.checkout import LOCALSTACK_SCRIPT, WORKER_PACKAGE, runtime
from rdp.stack import Fault, Stack, StackError

# -- by message attribute ----------------------------------------------------------------------


def _carried(
    name: str,
    fault: Fault,
    *,
    every: int = 10,
    hold: Callable[[Site], AbstractContextManager[None]] = nothing,
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


def _ruled(name: str, rules: Callable[[Stack], list[Rule]]) -> Disruption:
    return Disruption(
        name,
        frozenset({Need.CHAOS_API}),
        hold=lambda site: site.chaos.fault(*rules(site.stack), seconds=site.longest),
    )


def _queues(stack: Stack, **rule: object) -> list[Rule]:
    return [{"service": "sqs", "resource": lane.name, **rule} for lane in stack.queues.lanes]


def _put_item(stack: Stack, **fault: object) -> list[Rule]:
    table = stack.records.table
    return [{"service": "dynamodb", "operation": "PutItem", "resource": table, **fault}]


def _worker(stack: Stack, probability: float, **invocation: object) -> list[Rule]:
    return [
        {
            "service": "lambda",
            "resource": stack.functions.worker,
            "invocation": invocation,
            "probability": probability,
        }
    ]


# -- by changes of the stack -------------------------------------------------------------------


def _paused(site: Site) -> AbstractContextManager[None]:
    return site.stack.functions.mappings.paused()


@contextlib.contextmanager
def _overloaded(site: Site) -> Iterator[None]:
    """A log takes as long as one of 100 characters with the default settings, and the API refuses
    more than a few that wait."""
    api, worker = site.stack.functions.api, site.stack.functions.worker
    with ExitStack() as changed:
        backlog = {"MAX_BACKLOG": OVERLOAD_BACKLOG, "MAX_LONG_BACKLOG": OVERLOAD_BACKLOG}
        changed.enter_context(site.leftovers.changed_environment(api, **backlog))
        slow = {"PROCESSING_SECONDS_PER_CHAR": "0.2"}
        changed.enter_context(site.leftovers.changed_environment(worker, **slow))
        yield


@contextlib.contextmanager
def _long_outage(site: Site) -> Iterator[None]:
    """The backoffs of AWS, scaled like the outage."""
    backoffs = {
        "STORE_RETRY_BASE_SECONDS": str(_AWS_BASE_SECONDS / OUTAGE_SCALE),
        "STORE_RETRY_MAX_SECONDS": str(_AWS_MAX_SECONDS // OUTAGE_SCALE),
    }
    worker = site.stack.functions.worker
    with ExitStack() as changed:
        changed.enter_context(site.leftovers.changed_environment(worker, **backoffs))
        rules = _put_item(site.stack, error={})
        changed.enter_context(site.chaos.fault(*rules, seconds=site.longest))
        yield


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

# the least of a MaximumConcurrency
LEAST_CONCURRENCY = 2
OVERLOAD_BACKLOG = "5"
LONG_CHARACTERS = 440
OUTAGE_MINUTES, OUTAGE_SCALE = 15, 20
_AWS_BASE_SECONDS, _AWS_MAX_SECONDS = 5, 1080
SHORT_TIMEOUT_SECONDS = 25
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
        replace(
            _ruled(
                "dynamodb-throttle",
                lambda stack: _put_item(
                    stack,
                    probability=0.8,
                    error={"statusCode": 400, "code": "ProvisionedThroughputExceededException"},
                ),
            ),
            may_fill_dlq=True,
        ),
        # long enough for some messages to use up their attempts
        replace(
            _ruled("dynamodb-outage", lambda stack: _put_item(stack, error={})),
            may_fill_dlq=True,
            lasts=45,
        ),
        Disruption(
            "long-outage",
            frozenset({Need.CHAOS_API}),
            hold=_long_outage,
            lasts=OUTAGE_MINUTES * 60 / OUTAGE_SCALE,
        ),
        replace(
            _ruled(
                "dynamodb-lost-response",
                lambda stack: _put_item(stack, probability=0.5, loseResponse=True),
            ),
            may_fill_dlq=True,
        ),
        _ruled("sqs-outage", lambda stack: _queues(stack, operation="SendMessage", error={})),
        _ruled(
            "sqs-lost-response",
            lambda stack: _queues(stack, operation="SendMessage", loseResponse=True),
        ),
        replace(
            _ruled(
                "duplicate-delivery",
                lambda stack: _queues(
                    stack, delivery={"kind": "duplicate", "delaySeconds": 2}, probability=0.5
                ),
            ),
            # the copy of the last delivery counts as another attempt
            extra_attempts=1,
        ),
        _ruled(
            "out-of-order",
            lambda stack: _queues(stack, delivery={"kind": "outOfOrder", "delaySeconds": 8}),
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
        Disruption("overload", frozenset({Need.LOCAL}), hold=_overloaded),
        Disruption(
            "few-workers",
            frozenset(),
            hold=lambda site: site.leftovers.changed_concurrency(LEAST_CONCURRENCY),
        ),
        Disruption(
            "long-logs", frozenset({Need.SHORT_LANE}), alter=lengthened(LONG_CHARACTERS), every=5
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
