"""Checks where there is more to do than the pipeline can."""

from dataclasses import replace

import pytest

from rdp.chaos.capacity_checks import backed_off, refused_in_time, short_logs_pass
from rdp.chaos.findings import Verdict
from rdp.chaos.plan import Log
from rdp.chaos.timeline import Break, Timeline
from tests.rdp.chaos.builders import at, evidence, log, outcome, record, request

LOGS = [log(number) for number in range(3)]
BREAK = Break("long-outage", began=10.0, in_force=11.0, healing=56.0, ended=57.0)
HOLDS, BROKEN, UNKNOWN = Verdict.HOLDS, Verdict.BROKEN, Verdict.UNKNOWN


@pytest.mark.parametrize(
    ("statuses", "present", "verdict"),
    [
        ([202, 429, 429], [], HOLDS),
        # refused, and in the queue all the same
        ([202, 429, 429], LOGS[1:2], BROKEN),
        # a log that was answered 500 may exist
        ([429, 500], LOGS[1:2], HOLDS),
        ([202, 202], [], UNKNOWN),
        ([202, 500], [], UNKNOWN),
    ],
)
def test_log_that_is_refused_does_not_exist(
    statuses: list[int], present: list[Log], verdict: Verdict
) -> None:
    requests = [request(log, status) for log, status in zip(LOGS, statuses, strict=False)]
    found = replace(
        outcome(evidence(requests)),
        refused_but_present=frozenset(log.key for log in present),
    )

    assert refused_in_time(found).verdict is verdict


@pytest.mark.parametrize(
    ("attempts", "dead", "verdict"),
    [([1, 4], [], HOLDS), ([1, 4], LOGS[2:], BROKEN), ([1, 1], [], UNKNOWN)],
)
def test_outage_that_is_backed_off_from_leaves_the_dlq_empty(
    attempts: list[int], dead: list[Log], verdict: Verdict
) -> None:
    table = [record(log, attempt=attempt) for log, attempt in zip(LOGS, attempts, strict=False)]
    of = replace(
        evidence([request(log) for log in LOGS], table),
        neighbours_dead=frozenset(log.key for log in dead),
    )

    finding = backed_off(outcome(of, Timeline(breaks=[BREAK])))

    assert finding.verdict is verdict
    assert finding.logs == tuple("/".join(log.key) for log in dead)
    assert "during 45 s without the table" in finding.text


@pytest.mark.parametrize(
    ("short", "long", "verdict"),
    [
        ([1, 2], 25, HOLDS),
        ([1, 24], 25, BROKEN),
        # not long enough to hold up anything
        ([1, 2], 15, UNKNOWN),
        ([], 25, UNKNOWN),
        ([1], None, UNKNOWN),
    ],
)
def test_short_logs_do_not_wait_for_long_ones(
    short: list[int], long: int | None, verdict: Verdict
) -> None:
    stored = [(log(number), seconds) for number, seconds in enumerate(short)]
    if long is not None:
        stored.append((replace(log(9), characters=440), long))
    table = [record(one, processed_at=at(seconds)) for one, seconds in stored]

    found = outcome(evidence([request(one) for one, _ in stored], table))

    assert short_logs_pass(found).verdict is verdict
