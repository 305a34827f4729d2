"""Each invariant, broken by one record or message that is missing, wrong or too many."""

from dataclasses import replace

import pytest

from rdp.chaos.findings import Finding, Verdict
from rdp.chaos.invariants import Evidence, check_all
from rdp.chaos.load import Book
from rdp.stack import Fault, LogLine
from tests.rdp.chaos.builders import evidence, log, not_holding, record, request

LOGS = [log(number, f"tenant-{number % 2}") for number in range(4)]


@pytest.fixture
def well() -> Evidence:
    """All accepted, and all stored."""
    return evidence([request(log) for log in LOGS], [record(log) for log in LOGS])


def _broken(evidence: Evidence) -> Finding:
    [finding] = not_holding(check_all(evidence))
    assert finding.verdict is Verdict.BROKEN
    return finding


def _unknown(evidence: Evidence) -> Finding:
    [finding] = not_holding(check_all(evidence))
    assert finding.verdict is Verdict.UNKNOWN
    return finding


def test_all_holds_where_all_is_stored(well: Evidence) -> None:
    assert not_holding(check_all(well)) == []


@pytest.fixture
def poisoned(well: Evidence) -> Evidence:
    """As `well`, but no attempt could have stored the first log."""
    poison = replace(LOGS[0], fault=Fault("permanent"))
    return replace(well, book=Book([request(log) for log in (poison, *LOGS[1:])]))


def test_dead_letter_is_an_end_too(poisoned: Evidence) -> None:
    evidence = replace(poisoned, table=poisoned.table[1:], letters=[LOGS[0].key])

    assert not_holding(check_all(evidence)) == []


def test_lost_log_is_listed(well: Evidence) -> None:
    finding = _broken(replace(well, table=well.table[1:]))

    assert finding.name == "I1 nothing lost"
    assert finding.logs == ("tenant-0/log-0: lost",)


@pytest.mark.parametrize("letters", [[LOGS[0].key], [LOGS[0].key] * 2])
def test_log_that_ended_twice_is_listed(poisoned: Evidence, letters: list[tuple[str, str]]) -> None:
    finding = _broken(replace(poisoned, letters=letters))

    assert finding.name == "I1 nothing lost"
    [log] = finding.logs
    assert log == f"tenant-0/log-0: 1 records and {len(letters)} messages in the DLQ"


def test_record_of_a_log_that_nobody_sent_is_listed(well: Evidence) -> None:
    stray = record(LOGS[0], log_id="copy")

    finding = _broken(replace(well, table=[*well.table, stray]))

    assert finding.name == "I2 nothing invented"
    assert finding.logs == ("tenant-0/copy",)


def test_refused_log_may_exist(well: Evidence) -> None:
    book = Book([request(log, 500 if log is LOGS[0] else 202) for log in LOGS])

    assert not_holding(check_all(replace(well, book=book))) == []


def test_record_under_another_tenant_is_listed(well: Evidence) -> None:
    stray = record(LOGS[0], tenant_id="tenant-1")

    findings = check_all(replace(well, table=[stray, *well.table[1:]]))

    broken = {finding.name: finding.logs for finding in not_holding(findings)}
    assert broken == {
        "I1 nothing lost": ("tenant-0/log-0: lost",),
        "I2 nothing invented": ("tenant-1/log-0",),
        "I3 isolation": ("tenant-0/log-0: lies under tenant-1",),
    }


def test_older_version_is_listed(well: Evidence) -> None:
    book = Book([*well.book.requests, request(LOGS[0], version=2)])

    finding = _broken(replace(well, book=book))

    assert finding.name == "I4 idempotent"
    assert finding.logs[0].startswith("tenant-0/log-0: holds 'sabcden0v1: 555-0199'")


@pytest.mark.parametrize("version", [1, 2])
def test_version_whose_answer_was_lost_may_be_stored_or_not(well: Evidence, version: int) -> None:
    book = Book([*well.book.requests, request(LOGS[0], 500, version=2)])
    table = [record(LOGS[0], version), *well.table[1:]]

    assert not_holding(check_all(replace(well, book=book, table=table))) == []


def test_phone_number_in_a_record_is_listed(well: Evidence) -> None:
    leak = record(LOGS[0], modified_data=LOGS[0].text(1))

    finding = _broken(replace(well, table=[leak, *well.table[1:]]))

    assert finding.name == "I5 redacted"
    assert finding.logs[0].startswith("tenant-0/log-0: ")


@pytest.mark.parametrize("text", ["call 555-0142", "sabcden3v1"])
def test_log_line_with_text_or_phone_number_is_listed(well: Evidence, text: str) -> None:
    finding = _broken(replace(well, lines=[LogLine("1", 0.0, text)]))

    assert finding.name == "I5 redacted"
    assert finding.logs == (f"a log line: {text}",)


def test_run_without_log_lines_proves_nothing_about_them(well: Evidence) -> None:
    assert _unknown(replace(well, lines=[])).name == "I5 redacted"


def test_run_in_which_nothing_was_accepted_proves_nothing(well: Evidence) -> None:
    book = Book([request(log, 500) for log in LOGS])

    finding = _unknown(replace(well, book=book, table=[]))

    assert finding.name == "I1 nothing lost"


def test_missing_log_may_still_be_in_the_queue(well: Evidence) -> None:
    finding = _unknown(replace(well, table=well.table[1:], left_in_queue=1))

    assert finding.name == "I1 nothing lost"
    assert finding.logs == ("tenant-0/log-0: lost",)


def test_queue_that_is_not_empty_excuses_no_log_that_ended_twice(poisoned: Evidence) -> None:
    finding = _broken(replace(poisoned, letters=[LOGS[0].key], left_in_queue=1))

    assert finding.name == "I1 nothing lost"


def test_sixth_attempt_is_listed(well: Evidence) -> None:
    line = LogLine("1", 0.0, '{"message_id": "abc", "attempt": 6}')

    finding = _broken(replace(well, lines=[line]))

    assert finding.name == "I6 bounded"
    assert finding.logs == ("message abc: attempt 6",)


def test_healthy_dead_letter_is_listed_where_nothing_excuses_it(well: Evidence) -> None:
    evidence = replace(well, neighbours_dead=frozenset({LOGS[0].key}))

    finding = _broken(evidence)

    assert finding.name == "I6 bounded"
    assert finding.logs == ("tenant-0/log-0: healthy, yet in the DLQ",)
    assert not_holding(check_all(replace(evidence, may_fill_dlq=True))) == []


def test_healthy_log_that_no_redrive_could_store_is_listed_always(well: Evidence) -> None:
    evidence = replace(well, table=well.table[1:], letters=[LOGS[0].key], may_fill_dlq=True)

    finding = _broken(evidence)

    assert finding.name == "I6 bounded"
    assert finding.logs == ("tenant-0/log-0: healthy, yet in the DLQ",)
