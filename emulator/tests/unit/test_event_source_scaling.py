import threading
import time

from localstack_serverless.event_source.scaling import GROWTH_SECONDS, START, Scaling

NEVER = threading.Event()


def backlog(_waited_seconds: float) -> bool:
    return True


def acquire(scaling: Scaling, count: int) -> float:
    """Seconds that `count` places took."""
    began = time.monotonic()
    for _ in range(count):
        assert scaling.acquire(backlog, NEVER)
    return time.monotonic() - began


def has_place(scaling: Scaling) -> bool:
    """Whether there is a place without growth."""
    stopping = threading.Event()
    threading.Timer(2 * GROWTH_SECONDS, stopping.set).start()
    return scaling.acquire(lambda _waited_seconds: False, stopping)


def test_grows_by_300_a_minute_from_five() -> None:
    scaling = Scaling(None)
    acquire(scaling, START)
    assert acquire(scaling, 4) >= 4 * GROWTH_SECONDS


def test_does_not_grow_without_a_backlog() -> None:
    scaling = Scaling(None)
    acquire(scaling, START)
    assert not has_place(scaling)


def test_does_not_grow_beyond_the_maximum() -> None:
    scaling = Scaling(2)
    acquire(scaling, 2)
    stopping = threading.Event()
    threading.Timer(2 * GROWTH_SECONDS, stopping.set).start()
    assert not scaling.acquire(backlog, stopping)


def test_released_place_is_taken_without_growth() -> None:
    scaling = Scaling(None)
    acquire(scaling, START)
    scaling.release()
    assert has_place(scaling)
    assert not has_place(scaling)


def test_returns_to_five_when_the_queue_is_empty() -> None:
    scaling = Scaling(None)
    acquire(scaling, START + 2)
    for _ in range(START + 2):
        scaling.release()
    scaling.shrink()
    acquire(scaling, START)
    assert not has_place(scaling)


def test_backs_off_one_by_one_to_a_single_batch() -> None:
    scaling = Scaling(None)
    for _ in range(START + 1):
        scaling.back_off()
    assert has_place(scaling)
    assert not has_place(scaling)


def test_does_not_grow_soon_after_it_backed_off() -> None:
    scaling = Scaling(None)
    acquire(scaling, START)
    scaling.back_off()
    stopping = threading.Event()
    threading.Timer(3 * GROWTH_SECONDS, stopping.set).start()
    assert not scaling.acquire(backlog, stopping)
