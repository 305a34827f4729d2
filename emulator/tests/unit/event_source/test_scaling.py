import threading
import time

import pytest

from localstack_serverless.event_source import scaling as scaling_module
from localstack_serverless.event_source.scaling import START, Scaling

from ..builders import SetAfterBeingAsked

GROWTH_SECONDS = 0.01
NEVER = threading.Event()


def always() -> bool:
    return True


def never() -> bool:
    return False


def scaling(maximum: int | None = None) -> Scaling:
    return Scaling(maximum, GROWTH_SECONDS, always)


def backlog(_waited_seconds: float) -> bool:
    return True


def no_backlog(_waited_seconds: float) -> bool:
    return False


def acquire(scaling: Scaling, count: int) -> float:
    """Returns the seconds that `count` places took."""
    began = time.monotonic()
    for _ in range(count):
        assert scaling.acquire(backlog, NEVER)
    return time.monotonic() - began


def has_place(scaling: Scaling) -> bool:
    """Whether there is a place without growth."""
    return scaling.acquire(no_backlog, SetAfterBeingAsked(2))


def can_grow(scaling: Scaling) -> bool:
    """Whether there is a place within several times what growth takes."""
    return scaling.acquire(backlog, SetAfterBeingAsked(5))


def test_default_rate_is_awss_300_a_minute() -> None:
    subject = Scaling(None, has_spare_time=always)
    acquire(subject, START)
    assert acquire(subject, 2) >= 2 * 60 / 300


def test_grows_at_its_rate_from_five() -> None:
    subject = scaling()
    acquire(subject, START)
    assert acquire(subject, 4) >= 4 * GROWTH_SECONDS


def test_does_not_grow_without_a_backlog() -> None:
    subject = scaling()
    acquire(subject, START)
    assert not has_place(subject)


def test_does_not_grow_beyond_the_maximum() -> None:
    subject = scaling(2)
    acquire(subject, 2)
    assert not can_grow(subject)


def test_released_place_is_taken_without_growth() -> None:
    subject = scaling()
    acquire(subject, START)
    subject.release()
    assert has_place(subject)
    assert not has_place(subject)


def test_returns_to_five_when_the_queue_is_empty() -> None:
    subject = scaling()
    acquire(subject, START + 2)
    for _ in range(START + 2):
        subject.release()
    subject.shrink()
    acquire(subject, START)
    assert not has_place(subject)


def test_backs_off_one_by_one_to_a_single_batch() -> None:
    subject = scaling()
    for _ in range(START + 1):
        subject.back_off()
    assert has_place(subject)
    assert not has_place(subject)


def test_does_not_grow_soon_after_it_backed_off() -> None:
    subject = scaling()
    acquire(subject, START)
    subject.back_off()
    assert not can_grow(subject)


def test_does_not_grow_at_its_rate_while_the_processors_are_busy() -> None:
    subject = Scaling(None, GROWTH_SECONDS, never)
    acquire(subject, START)
    assert not can_grow(subject)


def test_grows_slowly_while_the_processors_are_busy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scaling_module, "BUSY_GROWTH_SECONDS", 2 * GROWTH_SECONDS)
    subject = Scaling(None, GROWTH_SECONDS, never)
    acquire(subject, START)
    assert acquire(subject, 2) >= 2 * GROWTH_SECONDS
