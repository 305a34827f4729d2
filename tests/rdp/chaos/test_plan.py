"""What an experiment sends, and the record of the answers."""

from dataclasses import replace

import pytest

from rdp.chaos.load import NO_ANSWER, Book, Request
from rdp.chaos.plan import Log, Names, Window, carrying, lengthened, plan
from rdp.stack import Fault

NAMES = Names(tenants="chaos-a1b2c3", mark="sabcde")


def test_same_seed_plans_the_same_logs() -> None:
    assert plan(NAMES, 50, seed=7) == plan(NAMES, 50, seed=7)
    assert plan(NAMES, 50, seed=7) != plan(NAMES, 50, seed=8)


def test_every_text_is_its_logs_own() -> None:
    logs = plan(NAMES, 200, seed=1)

    texts = [log.text(version) for log in logs for version in range(1, log.versions + 1)]
    assert len(set(texts)) == len(texts) > len(logs)


def test_no_id_contains_the_mark() -> None:
    assert not any(NAMES.mark in log.tenant_id + log.log_id for log in plan(NAMES, 50, seed=1))


def test_every_nth_log_in_the_window_carries_the_fault() -> None:
    fault = Fault("permanent")

    logs = plan(NAMES, 50, seed=1, alterations=[(carrying(fault), 10, Window(0.2, 0.7))])

    assert [log.number for log in logs if log.fault] == [15, 25]
    assert {log.route for log in logs if log.fault} == {"queue"}


def test_window_of_a_few_logs_has_one_that_carries_the_fault() -> None:
    fault = Fault("permanent")

    logs = plan(NAMES, 10, seed=1, alterations=[(carrying(fault), 15, Window(0.2, 0.4))])

    assert [log.number for log in logs if log.fault] == [3]


def test_no_alteration_takes_anothers_place() -> None:
    poison, crash = Fault("permanent"), Fault("kill", attempts=1)
    window = Window(0.2, 0.7)

    logs = plan(
        NAMES, 50, 1, alterations=[(carrying(poison), 10, window), (carrying(crash), 10, window)]
    )

    assert [log.number for log in logs if log.fault == poison] == [15, 25]
    assert [log.number for log in logs if log.fault == crash] == [16, 26]


def test_noisy_tenant_sends_most() -> None:
    tenants = [log.tenant_id for log in plan(NAMES, 200, seed=1, noisy=True)]

    noisy, *others = (tenants.count(f"{NAMES.tenants}-{number}") for number in range(3))
    assert all(0 < other < noisy / 3 for other in others)


@pytest.mark.parametrize(
    ("fault", "is_poison"),
    [
        (None, False),
        (Fault("kill", attempts=1), False),
        (Fault("hang", seconds=1), False),
        (Fault("kill"), True),
        (Fault("permanent"), True),
    ],
)
def test_only_what_can_never_succeed_belongs_in_the_dlq(
    fault: Fault | None, is_poison: bool
) -> None:
    log = replace(plan(NAMES, 10, seed=1)[0], fault=fault)

    assert log.is_poison == is_poison


# -- the book ----------------------------------------------------------------------------------


def _book(log: Log, *statuses: int) -> Book:
    return Book(
        [Request(log, version, status, "id", 0, 0) for version, status in enumerate(statuses, 1)]
    )


@pytest.fixture
def log() -> Log:
    return plan(NAMES, 10, seed=1)[9]


@pytest.mark.parametrize(
    ("statuses", "versions"),
    [
        ((202,), {1}),
        ((202, 202), {2}),
        ((500, 202), {2}),
        ((202, 500), {1, 2}),
        ((500, NO_ANSWER), {1, 2}),
        ((202, 500, 202), {3}),
    ],
)
def test_record_may_hold_the_version_accepted_last_or_a_later_one(
    log: Log, statuses: tuple[int, ...], versions: set[int]
) -> None:
    assert _book(log, *statuses).may_hold() == {log.key: {log.text(v) for v in versions}}


@pytest.mark.parametrize(("statuses", "refused"), [((500, 202), 0), ((202, 500), 1), ((0,), 1)])
def test_log_is_refused_where_its_last_version_is(
    log: Log, statuses: tuple[int, ...], refused: int
) -> None:
    assert _book(log, *statuses).refused() == [log] * refused


def test_ledger_holds_what_was_accepted(log: Log) -> None:
    assert set(_book(log, 202, 500).ledger().accepted) == {log.key}
    assert _book(log, 500, NO_ANSWER).ledger().accepted == {}


def test_lengthened_log_has_its_length_and_its_mark() -> None:
    [log] = plan(NAMES, 1, seed=1, alterations=[(lengthened(440), 1, Window(0, 1))])

    assert len(log.text(1)) == 440
    assert log.text(1).startswith(f"{log.mark}v1: 555-0199.")
    assert log.versions == 1
