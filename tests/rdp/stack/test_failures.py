"""The last failure of a message, from the worker's log."""

import pytest

from rdp.stack import Failure, Failures, Kind
from rdp.target import Part
from tests.rdp.cloud import Cloud

NOTHING = Failure(Kind.UNKNOWN, None)


def _line(cloud: Cloud, message_id: str, at: float, **fields: object) -> None:
    line = {"message": "failed", "message_id": message_id, "reason": "x", "retry_seconds": 0}
    cloud.logs.write(Part.WORKER, line | fields, at=at)


def _failure(cloud: Cloud, message_id: str = "a") -> Failure:
    return Failures(cloud.stack.logs).of(message_id, sent_at=0)


@pytest.mark.parametrize("kind", ["transient", "crash", "permanent"])
def test_kind_and_reason_are_the_workers(cloud: Cloud, kind: str) -> None:
    _line(cloud, "a", at=1, kind=kind, reason="why")

    assert _failure(cloud) == Failure(Kind(kind), "why")


@pytest.mark.parametrize("kind", [{}, {"kind": "odd"}, {"kind": None}, {"kind": ["transient"]}])
def test_kind_that_a_line_does_not_name_is_unknown(cloud: Cloud, kind: dict[str, object]) -> None:
    _line(cloud, "a", at=1, reason="why", **kind)

    assert _failure(cloud) == Failure(Kind.UNKNOWN, "why")


def test_message_without_a_line_is_unknown(cloud: Cloud) -> None:
    _line(cloud, "b", at=1, kind="transient")

    assert _failure(cloud) == NOTHING


def test_last_attempt_counts(cloud: Cloud) -> None:
    _line(cloud, "a", at=5, kind="permanent", reason="new", timestamp="2026-11-28T00:00:02Z")
    _line(cloud, "a", at=6, kind="transient", reason="old", timestamp="2026-11-28T00:00:01Z")

    assert _failure(cloud) == Failure(Kind.PERMANENT, "new")


def test_last_attempt_that_left_no_line_is_unknown(cloud: Cloud) -> None:
    """Its process died: what the attempt before it logged does not count."""
    _line(cloud, "a", at=1, message="retried", kind="transient", reason="why", retry_seconds=8)
    # repeats the fields of the line before it
    _line(cloud, "a", at=2, message="backoff failed", kind="transient", reason="why")

    assert _failure(cloud) == Failure(
        Kind.UNKNOWN, "no line about the last attempt; before it: why"
    )


def test_lines_are_read_once_and_only_as_far_back_as_needed(
    cloud: Cloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("time.time", lambda: 10_000.0)
    for second in range(10_000):
        if second % 100 == 0:
            _line(cloud, f"message {second}", at=second, kind="transient")
    failures = Failures(cloud.stack.logs)

    # newest first, which is the worst order
    for second in range(9_900, 0, -100):
        assert failures.of(f"message {second}", sent_at=second).kind is Kind.TRANSIENT
    # 50 pages have all lines; each read has another one, and repeats the line at its end
    assert cloud.logs.calls["FilterLogEvents"] < 70


def test_progress_is_reported_now_and_then(cloud: Cloud) -> None:
    for _ in range(2_500):
        _line(cloud, "a", at=1)
    seen: list[int] = []

    Failures(cloud.stack.logs, seen.append).of("a", sent_at=0)

    assert seen == [1_000, 2_000]


def test_only_lines_since_the_message_was_sent_are_read(cloud: Cloud) -> None:
    _line(cloud, "a", at=10, kind="transient")

    assert Failures(cloud.stack.logs).of("a", sent_at=11) == NOTHING


def test_line_after_the_first_look_is_not_seen(cloud: Cloud) -> None:
    """A message that fails again during its redrive is not moved a second time."""
    failures = Failures(cloud.stack.logs)
    assert failures.of("a", sent_at=100) == NOTHING

    _line(cloud, "a", at=200, kind="transient")

    assert failures.of("a", sent_at=100) == NOTHING
    assert failures.of("a", sent_at=50) == NOTHING
