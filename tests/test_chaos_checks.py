"""Checks beyond the invariants: that an experiment's fault struck, and what became of that."""

import pytest

from e2e.chaos.checks import (
    Check,
    Outcome,
    at_least_once,
    held_back,
    hung,
    nothing_half_accepted,
    poison_in_dlq,
    slowed,
    stored_later,
)
from e2e.chaos.invariants import Evidence
from e2e.chaos.load import Book, Request
from e2e.chaos.plan import Log
from e2e.chaos.timeline import Break, Timeline
from e2e.wire import Record

LOGS = [Log(number, "tenant", f"log-{number}", f"sabcden{number}", "json") for number in range(3)]
BREAK = Break("slow-network", began=10.0, in_force=11.0, healing=20.0, ended=21.0)


def _record(log: Log, received_at: int, processed_at: int) -> Record:
    """At these seconds since the epoch."""
    return Record(
        tenant_id=log.tenant_id,
        log_id=log.log_id,
        source="json_upload",
        original_text=log.text(1),
        modified_data="",
        received_at=f"1970-01-01T00:00:{received_at:02}.000000Z",
        processed_at=f"1970-01-01T00:00:{processed_at:02}.000000Z",
        request_id="request",
        worker_id="worker",
        attempt=1,
    )


def _outcome(
    *spans: tuple[float, float],
    stored: list[Record] | None = None,
    refused: list[Log] | None = None,
    present: list[Log] | None = None,
) -> Outcome:
    """Of a run whose requests were sent and answered at these times."""
    requests = [
        Request(log, 1, 202, "request", sent_at, answered_at)
        for log, (sent_at, answered_at) in zip(LOGS, spans, strict=False)
    ]
    evidence = Evidence(
        book=Book(requests),
        mark="sabcde",
        table=stored or [],
        letters=[],
        neighbours_dead=frozenset(),
        may_fill_dlq=False,
        lines=[],
        max_attempts=5,
    )
    return Outcome(
        evidence=evidence,
        timeline=Timeline(breaks=[BREAK]),
        refused=frozenset(log.key for log in refused or []),
        refused_but_present=frozenset(log.key for log in present or []),
    )


def test_every_answer_within_a_slow_network_is_slow() -> None:
    assert slowed(_outcome((11.5, 12.0), (19.0, 19.9))).holds


def test_one_fast_answer_shows_that_the_network_was_not_slow() -> None:
    assert not slowed(_outcome((11.5, 12.0), (13.0, 13.1))).holds


@pytest.mark.parametrize("fast", [(10.5, 10.6), (20.5, 20.6)])
def test_answers_while_it_is_broken_or_healed_may_be_fast(fast: tuple[float, float]) -> None:
    assert slowed(_outcome((11.5, 12.0), fast)).holds


def test_network_that_nobody_used_proves_nothing() -> None:
    assert not slowed(_outcome((1.0, 2.0))).holds


def test_request_that_is_answered_once_it_goes_on_has_hung() -> None:
    assert hung(_outcome((18.5, 20.5))).holds
    assert not hung(_outcome((18.5, 19.5), (20.5, 21.0))).holds
    # under way at that moment, as some request always is
    assert not hung(_outcome((19.9, 20.1))).holds


@pytest.mark.parametrize(("stored_at", "holds"), [(19, False), (22, True)])
def test_log_that_came_while_the_worker_was_paused_is_stored_later(
    stored_at: int, holds: bool
) -> None:
    assert held_back(_outcome(stored=[_record(LOGS[0], 15, stored_at)])).holds == holds


def test_pause_in_which_nothing_came_proves_nothing() -> None:
    assert not held_back(_outcome(stored=[_record(LOGS[0], 5, 6)])).holds


@pytest.mark.parametrize("check", [stored_later, poison_in_dlq])
def test_fault_that_no_message_carried_proves_nothing(check: Check) -> None:
    assert not check(_outcome((11.0, 12.0))).holds


def test_refused_log_that_exists_is_half_accepted() -> None:
    assert nothing_half_accepted(_outcome(refused=LOGS)).holds
    half = nothing_half_accepted(_outcome(refused=LOGS, present=LOGS[:1]))
    assert (half.holds, half.logs) == (False, ("tenant/log-0",))


def test_lost_answer_is_of_a_message_that_exists() -> None:
    assert at_least_once(_outcome(refused=LOGS, present=LOGS)).holds
    missing = at_least_once(_outcome(refused=LOGS, present=LOGS[1:]))
    assert (missing.holds, missing.logs) == (False, ("tenant/log-0",))


@pytest.mark.parametrize("check", [nothing_half_accepted, at_least_once])
def test_outage_that_refused_nothing_proves_nothing(check: Check) -> None:
    assert not check(_outcome()).holds
