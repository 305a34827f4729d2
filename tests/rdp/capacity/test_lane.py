"""One lane and two: capacity, latency, backlog."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rdp.capacity import measured
from rdp.capacity.lane import Lane, batch_seconds, lanes
from rdp.capacity.settings import Settings
from rdp.capacity.workload import Lengths, Workload

# One vCPU, so that the worker's CPU time is 4 ms a record.
_FULL_CPU = measured.FULL_CPU_MB


def _lane(rate: float, lengths: str = "100", **changes: float) -> Lane:
    settings = Settings(**{"worker_memory_mb": _FULL_CPU, **changes})  # type: ignore[arg-type]
    [lane] = lanes(Workload(rate, Lengths.parse(lengths)), settings)
    return lane


def test_invocation_takes_as_long_as_its_longest_log() -> None:
    """Of two logs one is long with 19 %: 461 characters * 0.05 s = 23.05 s. Three calls of 10 ms,
    and two records of 4 ms."""
    settings = Settings(worker_memory_mb=_FULL_CPU)

    seconds = batch_seconds(Lengths.parse("90:100,10:2000"), settings, 2)

    assert seconds == pytest.approx(23.05 + 0.03 + 0.008)


def test_less_memory_brings_less_cpu() -> None:
    """A quarter of 1,769 MB brings a quarter of a vCPU: 100 records * 4 ms * 4 = 1.6 s."""
    full, quarter = (
        batch_seconds(Lengths.parse("100"), Settings(worker_memory_mb=memory), 100)
        for memory in (1769, 442)
    )

    assert quarter - full == pytest.approx(1.2, rel=0.01)


def test_capacity_is_full_batches_in_all_invocations() -> None:
    """20 invocations * 10 messages / (5 + 0.03 + 10 * 0.004) s = 39.45 a second."""
    lane = _lane(1, worker_batch_size=10, worker_max_concurrency=20)

    assert lane.capacity == pytest.approx(200 / 5.07)
    assert not lane.is_overloaded
    assert (lane.throughput, lane.backlog_growth) == (1, 0)


def test_overload_grows_a_backlog() -> None:
    lane = _lane(50, worker_batch_size=10, worker_max_concurrency=20)

    assert lane.is_overloaded
    assert lane.throughput == pytest.approx(39.45, abs=0.01)
    assert lane.backlog_growth == pytest.approx(50 - 39.45, abs=0.01)
    assert lane.concurrent == pytest.approx(20)
    assert math.isinf(lane.mean_latency)
    assert math.isinf(lane.longest_latency)
    assert math.isinf(lane.seconds_to_drain(1))


def test_backlog_drains_with_what_is_left_of_the_capacity() -> None:
    """39.45 - 19.45 = 20 a second: 6,000 messages take 300 s."""
    lane = _lane(200 / 5.07 - 20, worker_batch_size=10, worker_max_concurrency=20)

    assert lane.seconds_to_drain(6000) == pytest.approx(300)
    assert lane.seconds_to_drain(0) == 0


def test_latency_is_waiting_and_processing() -> None:
    """A reader that never waits for others: 1 + 2 * 5 = 11 messages; the first waits 5 s, ten wait
    2.5 s: 30 / 11 = 2.727 s. Processing 5 s, three calls of 10 ms, half of 11 * 4 ms."""
    settings = Settings(worker_memory_mb=_FULL_CPU)

    [lane] = lanes(Workload(2, Lengths.parse("100")), settings, readers=1)

    assert lane.mean_latency == pytest.approx(2.727 + 5 + 0.03 + 0.022, abs=0.001)
    assert lane.longest_latency == pytest.approx(5 + 5 + 0.03 + 0.022)


def test_at_very_low_traffic_a_window_may_take_twenty_seconds() -> None:
    """5 s + 20 s; without a window a message is processed at once."""
    assert _lane(0.01).longest_latency == pytest.approx(25.03, abs=0.01)
    lane = _lane(0.01, worker_batch_size=10, worker_batching_window_seconds=0)
    assert lane.longest_latency == pytest.approx(5.03, abs=0.01)


def test_full_batch_ends_the_wait() -> None:
    lane = _lane(500, worker_batch_size=50)

    assert lane.batching.messages == 50
    assert lane.longest_latency < 5 + 5


def test_run_that_overloads_waits_longer_and_longer() -> None:
    """Capacity 3.945 a second (2 invocations), 8 a second for 60 s: on average a log waits for
    30 s * (8 / 3.945 - 1) = 30.84 s."""
    lane = _lane(8, worker_batch_size=10, worker_max_concurrency=2)

    assert lane.mean_latency_of_run(60) == pytest.approx(30.84 + 5 + 0.03 + 0.02, abs=0.02)
    assert _lane(1).mean_latency_of_run(60) == _lane(1).mean_latency


def test_long_logs_have_a_lane_of_their_own() -> None:
    """20 s / 0.05 s = 400 characters."""
    workload = Workload(10, Lengths.parse("8:100,1:400,1:401"))

    short, long = lanes(workload, Settings())

    assert (short.name, short.rate, max(short.lengths.shares)) == ("short", 9, 400)
    assert (long.name, long.rate, long.lengths.shares) == ("long", 1, {401: 1.0})
    assert (short.mapping.most_processes, long.mapping.most_processes) == (100, 20)


def test_without_processing_time_no_log_is_long() -> None:
    [lane] = lanes(
        Workload(1, Lengths.parse("1:1,1:100000")), Settings(processing_seconds_per_char=0)
    )

    assert lane.name == "short"
    assert lane.processing_seconds == 0


def test_batch_stays_within_lambdas_payload() -> None:
    """6 MB = 6,291,456 bytes / (180,000 + 181 + 900) = 34.7 messages."""
    lane = _lane(1000, "180000", processing_seconds_per_char=0)

    assert lane.mapping.batch_size == 34


@given(
    st.floats(0.01, 20_000),
    st.integers(1, 16_000),
    st.integers(1, 100),
    st.integers(2, 1000),
    st.integers(1, 60),
)
def test_throughput_never_exceeds_concurrent_batches(
    rate: float, chars: int, batch_size: int, concurrency: int, window: int
) -> None:
    """concurrency * batch / seconds, whatever the lengths; and at most what comes."""
    settings = Settings(
        worker_batch_size=batch_size,
        worker_max_concurrency=concurrency,
        long_worker_max_concurrency=concurrency,
        worker_batching_window_seconds=window,
    )
    for lane in lanes(Workload(rate, Lengths({chars: 0.5, chars + 100: 0.5})), settings):
        most = concurrency * batch_size / (lane.lengths.mean() * 0.05)

        assert lane.throughput <= min(lane.rate, most) * (1 + 1e-9)
        assert lane.concurrent <= concurrency * (1 + 1e-9)
