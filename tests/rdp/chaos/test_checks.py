"""Checks besides the invariants: that an experiment's fault struck, and what came of it."""

from collections.abc import Sequence
from dataclasses import replace

import pytest

from rdp.chaos.checks import (
    RETRIED,
    at_least_once,
    held_back,
    hung,
    interrupted,
    latencies,
    neighbours_struck_once,
    nothing_half_accepted,
    overtaken,
    poison_in_dlq,
    recovered,
    redriven,
    slowed,
    stored_later,
    stored_on_both_sides,
)
from rdp.chaos.findings import Verdict
from rdp.chaos.outcome import Check, Outcome
from rdp.chaos.plan import Log
from rdp.chaos.timeline import Break, Timeline
from rdp.stack import Fault, LogLine, Record
from tests.rdp.chaos import builders
from tests.rdp.chaos.builders import at, log, record, request

LOGS = [log(number) for number in range(3)]
BREAK = Break("slow-network", began=10.0, in_force=11.0, healing=20.0, ended=21.0)
HOLDS, BROKEN, UNKNOWN = Verdict.HOLDS, Verdict.BROKEN, Verdict.UNKNOWN


def _outcome(
    *spans: tuple[float, float],
    stored: Sequence[Record] = (),
    refused: Sequence[Log] = (),
    present: Sequence[Log] = (),
) -> Outcome:
    """A run whose requests were sent and answered at these times."""
    requests = [
        request(log, sent_at=sent_at, answered_at=answered_at)
        for log, (sent_at, answered_at) in zip(LOGS, spans, strict=False)
    ]
    outcome = builders.outcome(builders.evidence(requests, stored), Timeline(breaks=[BREAK]))
    return replace(
        outcome,
        refused=frozenset(log.key for log in refused),
        refused_but_present=frozenset(log.key for log in present),
    )


def test_every_answer_within_a_slow_network_is_slow() -> None:
    assert slowed(_outcome((11.5, 12.0), (19.0, 19.9))).verdict is HOLDS


def test_one_fast_answer_shows_that_the_network_was_not_slow() -> None:
    assert slowed(_outcome((11.5, 12.0), (13.0, 13.1))).verdict is UNKNOWN


@pytest.mark.parametrize("fast", [(10.5, 10.6), (20.5, 20.6)])
def test_answers_while_it_is_broken_or_healed_may_be_fast(fast: tuple[float, float]) -> None:
    assert slowed(_outcome((11.5, 12.0), fast)).verdict is HOLDS


def test_network_that_nobody_used_proves_nothing() -> None:
    assert slowed(_outcome((1.0, 2.0))).verdict is UNKNOWN


def test_request_that_is_answered_once_it_goes_on_has_hung() -> None:
    assert hung(_outcome((18.5, 20.5))).verdict is HOLDS
    assert hung(_outcome((18.5, 19.5), (20.5, 21.0))).verdict is UNKNOWN
    # was running at that moment, as some request always is
    assert hung(_outcome((19.9, 20.1))).verdict is UNKNOWN


@pytest.mark.parametrize(("stored_at", "verdict"), [(19, BROKEN), (22, HOLDS)])
def test_log_that_came_while_the_worker_was_paused_is_stored_later(
    stored_at: int, verdict: Verdict
) -> None:
    stored = record(LOGS[0], received_at=at(15), processed_at=at(stored_at))

    assert held_back(_outcome(stored=[stored])).verdict is verdict


def test_pause_in_which_nothing_came_proves_nothing() -> None:
    assert (
        held_back(_outcome(stored=[record(LOGS[0], received_at=at(5), processed_at=at(6))])).verdict
        is UNKNOWN
    )


@pytest.mark.parametrize("check", [stored_later, poison_in_dlq])
def test_fault_that_no_message_carried_proves_nothing(check: Check) -> None:
    assert check(_outcome((11.0, 12.0))).verdict is UNKNOWN


def test_refused_log_that_exists_is_half_accepted() -> None:
    assert nothing_half_accepted(_outcome(refused=LOGS)).verdict is HOLDS
    half = nothing_half_accepted(_outcome(refused=LOGS, present=LOGS[:1]))
    assert (half.verdict, half.logs) == (BROKEN, ("tenant/log-0",))


def test_lost_answer_is_of_a_message_that_exists() -> None:
    assert at_least_once(_outcome(refused=LOGS, present=LOGS)).verdict is HOLDS
    missing = at_least_once(_outcome(refused=LOGS, present=LOGS[1:]))
    # its message was refused, so another fault struck than a lost answer
    assert (missing.verdict, missing.logs) == (UNKNOWN, ("tenant/log-0",))


@pytest.mark.parametrize("check", [nothing_half_accepted, at_least_once])
def test_outage_that_refused_nothing_proves_nothing(check: Check) -> None:
    assert check(_outcome()).verdict is UNKNOWN


def test_log_that_the_fault_struck_and_nothing_stored_later_is_broken() -> None:
    carrier = replace(LOGS[0], fault=Fault("kill", attempts=1))
    evidence = builders.evidence([request(carrier)], [record(carrier, attempt=1)])

    finding = stored_later(builders.outcome(evidence))

    assert (finding.verdict, finding.logs) == (BROKEN, ("tenant/log-0",))


def test_redrive_without_dead_letters_proves_nothing() -> None:
    assert redriven(_outcome()).verdict is UNKNOWN


def test_dead_letter_that_a_redrive_did_not_store_is_broken() -> None:
    evidence = builders.evidence([request(LOGS[0])])
    outcome = builders.outcome(replace(evidence, neighbours_dead=frozenset({LOGS[0].key})))

    assert redriven(outcome).verdict is BROKEN


@pytest.mark.parametrize(("attempt", "verdict"), [(1, HOLDS), (2, HOLDS), (3, BROKEN)])
def test_healthy_log_may_be_struck_once(attempt: int, verdict: Verdict) -> None:
    stored = [record(LOGS[0]), record(LOGS[1], attempt=attempt)]

    finding = neighbours_struck_once(_outcome((1.0, 2.0), (1.0, 2.0), stored=stored))

    assert finding.verdict is verdict
    assert finding.logs == (("tenant/log-1",) if verdict is BROKEN else ())


@pytest.mark.parametrize(
    ("tenant_id", "event", "verdict"),
    [
        ("tenant", "retried", HOLDS),
        ("tenant", "stored", UNKNOWN),
        # somebody else's log proves nothing about this run
        ("other", "retried", UNKNOWN),
    ],
)
def test_attempt_that_failed_is_in_the_workers_log(
    tenant_id: str, event: str, verdict: Verdict
) -> None:
    line = LogLine("1", 0.0, f'{{"message": "{event}", "tenant_id": "{tenant_id}"}}')
    outcome = _outcome((1.0, 2.0))

    found = RETRIED(replace(outcome, evidence=replace(outcome.evidence, lines=[line])))

    assert found.verdict is verdict


@pytest.mark.parametrize(("received_at", "verdict"), [(1, HOLDS), (4, UNKNOWN)])
def test_log_that_was_stored_after_a_later_one_was_overtaken(
    received_at: int, verdict: Verdict
) -> None:
    stored = [
        record(LOGS[0], received_at=at(5), processed_at=at(6)),
        record(LOGS[1], received_at=at(received_at), processed_at=at(8)),
    ]

    assert overtaken(_outcome(stored=stored)).verdict is verdict


def test_outage_interrupts_where_a_log_had_no_202() -> None:
    assert interrupted(_outcome(refused=LOGS[:1])).verdict is HOLDS
    assert interrupted(_outcome()).verdict is UNKNOWN


@pytest.mark.parametrize(("stored_at", "verdict"), [(22, HOLDS), (20, UNKNOWN)])
def test_recovery_shows_in_a_record_after_the_healing(stored_at: int, verdict: Verdict) -> None:
    assert recovered(_outcome(stored=[record(LOGS[0], processed_at=at(stored_at))])).verdict is (
        verdict
    )


@pytest.mark.parametrize(
    ("before", "since", "verdict"),
    [("old", "new", HOLDS), ("old", "old", BROKEN), ("old", None, UNKNOWN)],
)
def test_new_code_runs_in_new_environments(
    before: str, since: str | None, verdict: Verdict
) -> None:
    stored = [record(LOGS[0], received_at=at(5), worker_id=before)]
    if since:
        stored.append(record(LOGS[1], received_at=at(25), worker_id=since))

    assert stored_on_both_sides(_outcome(stored=stored)).verdict is verdict


def test_latencies_are_shown_for_each_tenant() -> None:
    stored = [
        record(LOGS[0], received_at=at(0), processed_at=at(2)),
        record(log(7, "other"), received_at=at(0), processed_at=at(5)),
    ]

    finding = latencies(_outcome(stored=stored))

    assert finding.verdict is HOLDS
    assert finding.text.endswith("other 5.0 s, tenant 2.0 s")
    assert latencies(_outcome(stored=stored[:1])).verdict is UNKNOWN
