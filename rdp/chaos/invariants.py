"""Invariants I1-I6 of the design, checked against what an experiment left behind."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from rdp.chaos.findings import Finding, Verdict
from rdp.chaos.load import Book
from rdp.chaos.plan import PHONE_NUMBER, Log
from rdp.stack import LogKey, LogLine, Record

_PHONE = re.compile(r"(?<![\w-])555-01\d\d(?!\w)")


@dataclass(frozen=True)
class Evidence:
    """What is left after all is healed and the pipeline is quiet."""

    book: Book
    mark: str
    """Part of the text of every log of the run, and of no id."""
    table: Sequence[Record]
    """All records of the run's tenants, and all others whose text has the mark."""
    letters: Sequence[LogKey]
    """The run's messages in the DLQ: one key for each message."""
    neighbours_dead: frozenset[LogKey]
    """Healthy logs that were in the DLQ before the redrive."""
    may_fill_dlq: bool
    lines: Sequence[LogLine]
    """What the functions logged since the run began."""
    max_attempts: int
    left_in_queue: int = 0
    """Messages of any tenant that were still in the queue at the end: missing logs may be there."""

    @property
    def logs(self) -> dict[LogKey, Log]:
        return {request.log.key: request.log for request in self.book.requests}

    @property
    def neighbours_left(self) -> set[LogKey]:
        """Healthy logs that are still in the DLQ, although a redrive should have stored them."""
        logs = self.logs
        return {key for key in self.letters if key in logs and not logs[key].is_poison}

    @property
    def accepted(self) -> set[LogKey]:
        return set(self.book.ledger().accepted)


def check_all(evidence: Evidence) -> list[Finding]:
    return [
        nothing_lost(evidence),
        nothing_invented(evidence),
        isolated(evidence),
        idempotent(evidence),
        redacted(evidence),
        bounded(evidence),
    ]


def nothing_lost(evidence: Evidence) -> Finding:
    stored = {(record.tenant_id, record.log_id) for record in evidence.table}
    letters = Counter(evidence.letters)
    ends = {key: (key in stored) + letters[key] for key in evidence.accepted}
    wrong = [
        f"{_name(key)}: {_ends(key in stored, letters[key])}" for key in ends if ends[key] != 1
    ]
    name = "I1 nothing lost"
    if evidence.left_in_queue and all(count == 0 for count in ends.values() if count != 1):
        return _unknown(
            name,
            f"the queue still holds {evidence.left_in_queue} messages, and {len(wrong)} accepted"
            " logs have not ended",
            wrong,
        )
    if not ends:
        return _unknown(name, "no log was accepted")
    return _finding(
        name,
        wrong,
        f"{len(ends)} accepted: {len(stored & ends.keys())} records, {letters.total()} in the DLQ",
        "did not end as exactly one record or one message in the DLQ",
    )


def _ends(stored: bool, dead: int) -> str:
    if not stored and not dead:
        return "lost"
    return f"{int(stored)} records and {dead} messages in the DLQ"


def nothing_invented(evidence: Evidence) -> Finding:
    """A log that was answered 500 may exist: the answer was lost, not the log."""
    found = {(record.tenant_id, record.log_id) for record in evidence.table} | {*evidence.letters}
    wrong = [_name(key) for key in found - evidence.logs.keys()]
    return _finding(
        "I2 nothing invented", wrong, "all that exists was sent", "exist but were never sent"
    )


def isolated(evidence: Evidence) -> Finding:
    owners = {log.mark: log for log in evidence.logs.values()}
    wrong = []
    for record in evidence.table:
        owner = owners.get(record.original_text.partition("v")[0])
        if owner is not None and owner.tenant_id != record.tenant_id:
            wrong.append(f"{_name(owner.key)}: lies under {record.tenant_id}")
    return _finding(
        "I3 isolation",
        wrong,
        f"each record lies under the one of {len(evidence.book.tenants())} tenants that sent it",
        "lie under another tenant",
    )


def idempotent(evidence: Evidence) -> Finding:
    allowed = evidence.book.may_hold()
    wrong = [
        f"{_name(key)}: holds {record.original_text!r}, sent last {sorted(allowed[key])}"
        for record in evidence.table
        if (key := (record.tenant_id, record.log_id)) in allowed
        and record.original_text not in allowed[key]
    ]
    requests = Counter(request.log.key for request in evidence.book.requests)
    again = sum(count > 1 for count in requests.values())
    return _finding(
        "I4 idempotent",
        wrong,
        f"each record is the version received last ({again} logs were sent more than once)",
        "hold another version than the last",
    )


def redacted(evidence: Evidence) -> Finding:
    wrong = [
        f"{record.tenant_id}/{record.log_id}: stored as {record.modified_data!r}"
        for record in evidence.table
        if record.modified_data != record.original_text.replace(PHONE_NUMBER, "[REDACTED]")
    ]
    wrong += [f"a log line: {line.text}" for line in evidence.lines if _leaks(line, evidence.mark)]
    if evidence.accepted and not evidence.lines and not wrong:
        return _unknown("I5 redacted", "there is no log line to look at")
    return _finding(
        "I5 redacted",
        wrong,
        f"no phone number in {len(evidence.table)} records, no text in"
        f" {len(evidence.lines)} log lines",
        "leak",
    )


def _leaks(line: LogLine, mark: str) -> bool:
    return mark in line.text or _PHONE.search(line.text) is not None


def bounded(evidence: Evidence) -> Finding:
    wrong = [
        f"{about}: attempt {attempt}"
        for about, attempt in _attempts(evidence)
        if attempt > evidence.max_attempts
    ]
    dead = evidence.neighbours_left
    if not evidence.may_fill_dlq:
        dead |= evidence.neighbours_dead
    wrong += [f"{_name(key)}: healthy, yet in the DLQ" for key in dead]
    redriven = len(evidence.neighbours_dead)
    return _finding(
        "I6 bounded",
        wrong,
        f"at most {max((attempt for _, attempt in _attempts(evidence)), default=0)} attempts"
        + (f"; {redriven} healthy logs used them up and were redriven" if redriven else "")
        + ("" if evidence.may_fill_dlq else "; no neighbour in the DLQ"),
        "took too many attempts, or a neighbour with them",
    )


def _attempts(evidence: Evidence) -> Iterator[tuple[str, int]]:
    for record in evidence.table:
        yield f"{record.tenant_id}/{record.log_id}", record.attempt
    for line in evidence.lines:
        fields = line.fields or {}
        if isinstance(attempt := fields.get("attempt"), int):
            yield f"message {fields.get('message_id')}", attempt


def _finding(name: str, wrong: Iterable[str], ok: str, broken: str) -> Finding:
    logs = tuple(sorted(wrong))
    verdict = Verdict.BROKEN if logs else Verdict.HOLDS
    return Finding(name, verdict, f"{len(logs)} {broken}" if logs else ok, logs)


def _unknown(name: str, why: str, logs: Iterable[str] = ()) -> Finding:
    return Finding(name, Verdict.UNKNOWN, why, tuple(sorted(logs)))


def _name(key: LogKey) -> str:
    return "/".join(key)
