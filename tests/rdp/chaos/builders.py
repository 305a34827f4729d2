"""Logs, records and requests of a run, no larger than tests need."""

from collections.abc import Sequence

from rdp.chaos.findings import Finding, Verdict
from rdp.chaos.invariants import Evidence
from rdp.chaos.load import Book, Request
from rdp.chaos.outcome import Outcome
from rdp.chaos.plan import PHONE_NUMBER, Log
from rdp.chaos.timeline import Timeline
from rdp.stack import LogLine, Record

MARK = "sabcde"


def log(number: int, tenant_id: str = "tenant") -> Log:
    return Log(number, tenant_id, f"log-{number}", f"{MARK}n{number}", "json")


def record(of: Log, version: int = 1, **changes: object) -> Record:
    """As the worker stores it, a second after its receipt."""
    text = of.text(version)
    values: dict[str, object] = {
        "tenant_id": of.tenant_id,
        "log_id": of.log_id,
        "source": "json_upload",
        "original_text": text,
        "modified_data": text.replace(PHONE_NUMBER, "[REDACTED]"),
        "received_at": at(0),
        "processed_at": at(1),
        "request_id": "request",
        "worker_id": "worker",
        "attempt": 1,
    }
    return Record(**{**values, **changes})  # type: ignore[arg-type]


def at(seconds: int) -> str:
    """A timestamp: seconds after the epoch."""
    return f"1970-01-01T00:00:{seconds:02}.000000Z"


def request(
    of: Log, status: int = 202, version: int = 1, sent_at: float = 0.0, answered_at: float = 0.0
) -> Request:
    return Request(of, version, status, "request", sent_at, answered_at)


def evidence(
    requests: Sequence[Request], table: Sequence[Record] = (), *, may_fill_dlq: bool = False
) -> Evidence:
    return Evidence(
        book=Book([*requests]),
        mark=MARK,
        table=table,
        letters=[],
        neighbours_dead=frozenset(),
        may_fill_dlq=may_fill_dlq,
        lines=[LogLine("1", 0.0, '{"message": "stored", "attempt": 1}')],
        max_attempts=5,
    )


def outcome(of: Evidence, timeline: Timeline | None = None) -> Outcome:
    return Outcome(
        evidence=of,
        timeline=timeline or Timeline(),
        refused=frozenset(),
        refused_but_present=frozenset(),
    )


def not_holding(findings: Sequence[Finding]) -> list[Finding]:
    return [finding for finding in findings if finding.verdict is not Verdict.HOLDS]
