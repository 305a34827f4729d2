"""How batches form: by hand, and compared with a simulation."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rdp.capacity.batches import Batching, Mapping, form_batches
from tests.rdp.capacity.simulation import Simulation


def _steady(rate: float, window: float, seconds: float) -> float:
    """Seconds that are enough for steady figures."""
    return max(6000 / rate, 30 * (window + seconds))


def _formed(
    rate: float, batch_size: int, window: float, seconds: float, most: int = 1000
) -> Batching:
    mapping = Mapping(batch_size=batch_size, window=window, most_processes=most)
    return form_batches(rate, mapping, lambda _messages: seconds)


def test_without_a_window_a_process_takes_the_message_that_comes() -> None:
    """Busy processes: 1 message/s * 2 s = 2. All five are busy (2/5)^5 = 1 % of the time, six
    (2/6)^6 = 0.1 %: six are enough."""
    batching = _formed(1, 10, 0, 2)

    assert batching.messages == 1
    assert batching.processes == 6
    assert batching.readers == pytest.approx(4)
    assert batching.mean_wait == 0
    assert batching.concurrent(1) == pytest.approx(2)


def test_five_processes_share_a_window() -> None:
    """R readers: 5 = R + 1 * 5 / m, m = 1 + 1 * 20 / R. R = 4.142 solves it: m = 5.828,
    4.142 + 5 / 5.828 = 5."""
    batching = _formed(1, 100, 20, 5)

    assert batching.readers == pytest.approx(4.142, abs=0.001)
    assert batching.messages == pytest.approx(5.828, abs=0.001)
    # The first waits 20 s, the other 4.828 wait 10 s: (20 + 48.28) / 5.828 = 11.72 s.
    assert batching.mean_wait == pytest.approx(11.72, abs=0.01)


def test_full_batch_does_not_wait_for_its_window() -> None:
    """50 messages/s, full batches of 10: 5 invocations/s of 1 s, so 5 busy processes. The fewest
    with (5/K)^K <= 0.5 % are 10 (0.1 %; 9: 0.504 %). So 5 read: 9 more messages take
    9 * 5 / 50 = 0.9 s."""
    batching = _formed(50, 10, 20, 1)

    assert batching.messages == 10
    assert batching.processes == 10
    assert batching.readers == pytest.approx(5)
    assert batching.window == pytest.approx(0.9)


def test_where_all_processes_are_busy_each_takes_what_came() -> None:
    """16 messages/s * 2.5 s / 5 processes = 8. Of the capacity, 20 messages/s, 80 % are used: a
    message waits for 80 % of half an invocation."""
    batching = _formed(16, 10, 0, 2.5, most=5)

    assert (batching.messages, batching.readers) == (8, 0)
    assert batching.concurrent(16) == 5
    assert batching.mean_wait == pytest.approx(1)


def test_more_than_full_batches_can_take_is_an_overload() -> None:
    """5 processes * 10 messages / 2.5 s = 20 messages/s."""
    batching = _formed(21, 10, 0, 2.5, most=5)

    assert batching.capacity == 20
    assert (batching.messages, batching.processes, batching.readers) == (10, 5, 0)


def test_time_of_an_invocation_may_depend_on_its_batch() -> None:
    """m = 1 + 2 * 5 / R, 5 = R + 2 * (1 + m / 10) / m. R = 4.5: m = 3.222, 2 * 1.3222 / 3.222 =
    0.8207. R = 4.176: m = 3.395, 2 * 1.3395 / 3.395 = 0.789. R = 4.211: m = 3.375, 0.793."""
    mapping = Mapping(batch_size=50, window=5, most_processes=5)

    batching = form_batches(2, mapping, lambda messages: 1 + messages / 10)

    assert batching.readers == pytest.approx(4.207, abs=0.005)
    assert batching.seconds == pytest.approx(1.338, abs=0.005)


def test_one_reader_that_never_waits_gathers_all() -> None:
    """The emulator: 1 + 10 * 2 = 21 messages; 10 / 21 * 4.2 s = 2 invocations at the same time."""
    mapping = Mapping(batch_size=50, window=2, most_processes=100, readers=1)

    batching = form_batches(10, mapping, lambda _messages: 4.2)

    assert batching.messages == 21
    assert batching.concurrent(10) == pytest.approx(2)


def test_idle_readers_poll_three_times_a_minute() -> None:
    """5 readers / 20 s = 0.25 a second; with a message every 100 s nearly as many: of each reader
    1/500 a second / (e^(20/500) - 1) = 0.049, times 5 = 0.245."""
    assert _formed(1e-9, 10, 0, 1).empty_receives(1e-9) == pytest.approx(0.25, rel=1e-6)
    assert _formed(0.01, 10, 0, 0).empty_receives(0.01) == pytest.approx(0.245, abs=0.001)


def test_busy_readers_have_no_empty_poll() -> None:
    assert _formed(1000, 10, 0, 0).empty_receives(1000) == 0
    assert _formed(21, 10, 0, 2.5, most=5).empty_receives(20) == 0


def test_backlog_is_received_by_tens() -> None:
    """20 messages a second / 10."""
    assert _formed(21, 10, 0, 2.5, most=5).receives(20) == 2


# -- compared with the simulation --------------------------------------------------------------


@pytest.mark.parametrize(
    ("rate", "processes", "batch_size", "window", "seconds"),
    [
        *((1, 5, 10, 0, 0.5), (0.1, 5, 50, 5, 5), (1, 5, 100, 5, 5), (1, 5, 100, 20, 5)),
        *((3, 5, 100, 5, 2.5), (10, 5, 100, 5, 5), (10, 5, 10, 5, 2), (16, 5, 50, 5, 2.5)),
        *((10, 5, 50, 1, 5), (20, 10, 50, 5, 5), (100, 20, 50, 1, 5), (16, 5, 10, 0, 2.5)),
        *((50, 30, 10, 0, 5), (190, 100, 50, 5, 6)),
    ],
)
def test_processes_share_messages_as_in_the_simulation(
    rate: float, processes: int, batch_size: int, window: float, seconds: float
) -> None:
    simulation = Simulation(rate, processes, batch_size, window, seconds)
    simulated = simulation.run(_steady(rate, window, seconds))

    mapping = Mapping(
        batch_size=batch_size, window=window, most_processes=processes, first_processes=processes
    )
    batching = form_batches(rate, mapping, lambda _messages: seconds)

    assert batching.messages == pytest.approx(simulated.messages, rel=0.12)
    assert batching.mean_wait == pytest.approx(simulated.mean_wait, rel=0.2, abs=0.2)


@pytest.mark.parametrize(
    ("rate", "batch_size", "window", "seconds"),
    [
        *((1, 10, 0, 0.5), (1, 100, 5, 5), (1, 100, 20, 5), (10, 100, 5, 5), (3, 100, 5, 2.5)),
        *((20, 50, 5, 5), (100, 50, 1, 5), (16, 10, 0, 2.5), (16, 50, 5, 2.5), (10, 50, 1, 5)),
    ],
)
def test_lambda_adds_about_as_many_processes_as_in_the_simulation(
    rate: float, batch_size: int, window: float, seconds: float
) -> None:
    """It adds 300 a minute while messages wait. The number that it ends at is a matter of chance,
    so batches are of the same size within a third."""
    simulation = Simulation(rate, 5, batch_size, window, seconds, grows=True)
    simulated = simulation.run(_steady(rate, window, seconds))

    batching = _formed(rate, batch_size, window, seconds)

    assert batching.messages == pytest.approx(simulated.messages, rel=0.34)


# -- what always holds -------------------------------------------------------------------------

RATES = st.floats(0.01, 20_000)
WINDOWS = st.integers(0, 60)


@given(RATES, st.integers(1, 100), WINDOWS, st.floats(0.01, 800), st.integers(2, 300))
def test_batches_and_processes_stay_within_their_limits(
    rate: float, batch_size: int, window: int, seconds: float, most: int
) -> None:
    batching = _formed(rate, batch_size, window, seconds, most=most)

    assert 1 <= batching.messages <= batch_size
    assert 0 <= batching.readers <= batching.processes <= most
    assert 0 <= batching.window <= window + 1e-9
    assert batching.capacity == pytest.approx(most * batch_size / seconds)
    assert batching.concurrent(min(rate, batching.capacity)) <= most * (1 + 1e-9)
