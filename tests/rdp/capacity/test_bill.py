"""Dollars: by hand, and what always holds."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rdp.capacity import prices
from rdp.capacity.bill import MONTH_SECONDS, Bill, Line, bill, write_units
from rdp.capacity.lane import lanes
from rdp.capacity.settings import NAIVE, Settings
from rdp.capacity.workload import Lengths, Workload

_MILLION_A_MONTH = 1e6 / MONTH_SECONDS


def _bill(rate: float, configuration: Settings, lengths: str = "100") -> Bill:
    workload = Workload(rate, Lengths.parse(lengths))
    return bill(workload, configuration, lanes(workload, configuration))


def _dollars(found: Bill) -> dict[tuple[str, str], float]:
    """For a million logs."""
    return {(line.part, line.what): found.per_million(line) for line in found.lines}


def test_tiers_are_paid_one_after_the_other() -> None:
    """300 million at $1.00, 100 million at $0.90: $300 + $90."""
    assert prices.HTTP_API.cost(400e6) == pytest.approx(390)
    assert prices.HTTP_API.cost(300e6) == pytest.approx(300)
    assert prices.HTTP_API.cost(0) == 0


def test_sixty_terabytes_of_logs() -> None:
    """10 TB * $500 + 20 TB * $250 + 20 TB * $100 + 10 TB * $50 = $12,500."""
    assert prices.LAMBDA_LOGS.cost(60_000) == pytest.approx(12_500)


def test_naive_configuration_pays_for_one_invocation_a_log() -> None:
    """A million logs of 100 characters. The worker: 5 s + 3 calls * 10 ms + 4 ms * 1769 / 512 =
    5.0438 s of 0.5 GB, at $0.0000133334: $33.63."""
    dollars = _dollars(_bill(10, NAIVE))

    assert dollars["HTTP API", "requests"] == pytest.approx(1.00)
    assert dollars["API function", "requests"] == pytest.approx(0.20)
    # (10 ms + 4.5 ms * 1769 / 512) * 0.5 GB = 0.012774 GB-s
    assert dollars["API function", "GB-seconds"] == pytest.approx(0.1703, abs=0.0001)
    assert dollars["SQS", "send"] == pytest.approx(0.40)
    assert dollars["SQS", "fair queue"] == pytest.approx(0.10)
    assert dollars["SQS", "receive"] == pytest.approx(0.40, abs=0.02)
    assert dollars["SQS", "claim, by tens"] == pytest.approx(0.40)
    # by the worker, and by Lambda
    assert dollars["SQS", "delete, worker and Lambda"] == pytest.approx(0.80)
    assert dollars["Worker function", "requests"] == pytest.approx(0.20)
    assert dollars["Worker function", "GB-seconds"] == pytest.approx(33.63, abs=0.01)
    # 275 bytes and twice 100: one unit
    assert dollars["DynamoDB", "writes"] == pytest.approx(0.625)


def test_log_lines_are_paid_by_the_byte() -> None:
    """Of the API's function START, END, REPORT (288 bytes), the line (380) and its metrics (248),
    with 26 bytes for each of the five: 1,046 bytes * 10^6 / 2^30 * $0.50 = $0.487."""
    dollars = _dollars(_bill(10, NAIVE))

    assert dollars["CloudWatch", "API function's log"] == pytest.approx(0.487, abs=0.001)
    # 288 + 394 + 407 + 5 * 26 = 1,219 bytes
    assert dollars["CloudWatch", "worker's log"] == pytest.approx(0.568, abs=0.001)
    # 252 + 26 = 278 bytes
    assert dollars["CloudWatch", "access log"] == pytest.approx(0.129, abs=0.001)


def test_one_line_a_record_saves_an_event_and_what_both_lines_repeat() -> None:
    """API: 380 + 248 + 26 - 611 = 43 bytes: 43 * 10^6 / 2^30 * $0.50 = $0.020. Worker: 115 bytes,
    as its durations are not written twice."""
    two, one = (_dollars(_bill(10, Settings(lines_a_record=lines))) for lines in (2, 1))

    saved = {key: two[key] - one[key] for key in two if two[key] != one[key]}
    assert saved == {
        ("CloudWatch", "API function's log"): pytest.approx(0.0200, abs=0.0001),
        ("CloudWatch", "worker's log"): pytest.approx(0.0536, abs=0.0001),
    }


def test_api_looks_at_the_backlog_every_five_seconds() -> None:
    """10 a second, 25.5 ms each: one environment, which looks every 5.1 s. 2,628,000 s / 5.1 =
    515,294 requests a month."""
    looks = [line for line in _bill(10, NAIVE).lines if line.what == "look at the backlog"]

    assert [line.units for line in looks] == [pytest.approx(515_294, rel=1e-6)]


def test_batches_share_what_an_invocation_costs() -> None:
    """Full batches of 50: requests $0.20 / 50; claims 5 and deletes 1 + 4.9 + 5 for 50."""
    dollars = _dollars(_bill(500, Settings()))

    assert dollars["Worker function", "requests"] == pytest.approx(0.20 / 50)
    assert dollars["SQS", "claim, by tens"] == pytest.approx(0.40 * 5 / 50)
    assert dollars["SQS", "delete, worker and Lambda"] == pytest.approx(0.40 * 10.9 / 50)
    # 5 s + 0.03 s + 50 * 4 ms * 1769 / 256 = 6.412 s of 0.25 GB for 50 logs
    assert dollars["Worker function", "GB-seconds"] == pytest.approx(0.4275, abs=0.0001)


def test_two_idle_lanes_poll_thirty_times_a_minute() -> None:
    """2 * 5 pollers * 3 a minute * 43,800 minutes = 1,314,000 a month: $0.53."""
    [empty] = [line for line in _bill(1e-6, Settings()).lines if line.what == "empty receive"]

    assert empty.units == pytest.approx(1_314_000, rel=0.001)
    assert empty.dollars == pytest.approx(0.5256, rel=0.001)


@pytest.mark.parametrize(
    ("chars", "with_original", "units"),
    [
        *((100, True, 1), (374, True, 1), (375, True, 2), (400, True, 2)),
        *((400, False, 1), (762, False, 1), (763, False, 2), (16_800, True, 34)),
    ],
)
def test_record_is_written_in_units_of_a_kilobyte(
    chars: int, with_original: bool, units: int
) -> None:
    """275 + 2 * 374 = 1,023 bytes; without the original text 262 + 762 = 1,024 bytes."""
    assert write_units(chars, with_original=with_original) == units


def test_long_logs_take_more_requests() -> None:
    """100,000 + 181 bytes are two chunks of 64 KB, and one request of up to 512 KB."""
    configuration = Settings(processing_seconds_per_char=0)
    dollars = _dollars(_bill(_MILLION_A_MONTH, configuration, "100000"))

    assert dollars["SQS", "send"] == pytest.approx(0.80)
    assert dollars["HTTP API", "requests"] == pytest.approx(1.00)


def test_somebodys_estimates_hold() -> None:
    """$39.6 for batches of one message, $7.6 for batches of ten, $3.8 for the cheapest."""
    assert _bill(10, NAIVE).per_million() == pytest.approx(39.3, abs=0.1)
    tens = Settings(worker_batch_size=10, worker_memory_mb=512)
    assert _bill(100, tens).per_million() == pytest.approx(7.4, abs=0.1)
    cheapest = Settings(worker_batch_size=100, worker_max_concurrency=1000, lines_a_record=1)
    assert _bill(1000, cheapest).per_million() == pytest.approx(3.8, abs=0.1)


# -- what always holds -------------------------------------------------------------------------

RATES = st.floats(0.01, 15_000)
LENGTHS = st.dictionaries(st.integers(1, 16_000), st.floats(0.1, 1), min_size=1, max_size=4)


@st.composite
def configurations(draw: st.DrawFn) -> Settings:
    window = draw(st.integers(0, 60))
    return Settings(
        worker_batch_size=draw(st.integers(1, 100 if window else 10)),
        worker_batching_window_seconds=window,
        worker_max_concurrency=draw(st.integers(2, 1000)),
        worker_memory_mb=draw(st.integers(128, 2048)),
        lines_a_record=draw(st.integers(1, 2)),
    )


def _lengths(weights: dict[int, float]) -> Lengths:
    total = sum(weights.values())
    return Lengths({chars: weights[chars] / total for chars in sorted(weights)})


@settings(deadline=None)
@given(RATES, st.floats(1, 10), LENGTHS, configurations())
def test_more_logs_never_cost_less(
    rate: float, factor: float, weights: dict[int, float], configuration: Settings
) -> None:
    few, many = (
        bill(workload, configuration, lanes(workload, configuration)).dollars
        for workload in (
            Workload(rate, _lengths(weights)),
            Workload(rate * factor, _lengths(weights)),
        )
    )

    assert few <= many * (1 + 1e-9)


@settings(deadline=None)
@given(RATES, LENGTHS, configurations())
def test_lines_add_up(rate: float, weights: dict[int, float], configuration: Settings) -> None:
    workload = Workload(rate, _lengths(weights))
    found = bill(workload, configuration, lanes(workload, configuration))

    assert all(line.dollars >= 0 for line in found.lines)
    assert found.dollars == pytest.approx(sum(line.dollars for line in found.lines))
    parts = sum(found.per_million(line) for line in found.lines)
    assert found.per_million() == pytest.approx(parts)
    assert found.per_million() * found.logs / 1e6 == pytest.approx(found.dollars)


def test_every_price_names_its_page() -> None:
    found = [each for each in vars(prices).values() if isinstance(each, prices.Price)]

    assert len(found) == 11
    assert all(each.source.startswith("https://aws.amazon.com/") for each in found)
    assert all(each.read.startswith("https://") for each in found)
    assert all(tier[1] > 0 for each in found for tier in each.tiers)


def test_line_of_nothing_costs_nothing() -> None:
    assert Line("part", "what", 0, prices.SQS_REQUESTS).dollars == 0
