"""Which limit breaks first."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rdp.capacity.lane import lanes
from rdp.capacity.quotas import Limit, limits
from rdp.capacity.settings import NAIVE, Settings
from rdp.capacity.workload import Lengths, Workload


def _limits(rate: float, settings: Settings, lengths: str = "100") -> list[Limit]:
    workload = Workload(rate, Lengths.parse(lengths))
    return limits(workload, settings, lanes(workload, settings))


def _at(found: list[Limit]) -> dict[str, float]:
    return {limit.name: limit.logs_a_second for limit in found}


def test_limits_of_naive_configuration() -> None:
    """An invocation of 10 messages takes 5 + 0.03 + 10 * 0.01382 = 5.168 s, 0.5168 s a message:
    100 / 0.5168 = 193 and 1,000 / 0.5168 = 1,935 a second; with 25.5 ms of the API 1,000 / 0.5424 =
    1,844. A log takes 1.1 requests: 10,000 / 1.1. In flight: 120,000 / 5 s."""
    found = _at(_limits(10, NAIVE))

    assert list(found.items()) == [
        ("short lane: its maximum concurrency", pytest.approx(193.5, abs=0.1)),
        ("DynamoDB: writes a second of one tenant, in one partition", 1000),
        ("Lambda: concurrent invocations in the account", pytest.approx(1844, abs=1)),
        ("short lane: concurrency of a mapping", pytest.approx(1935, abs=1)),
        ("DynamoDB: writes a second of a new table", 4000),
        ("Lambda: requests a second in the account", pytest.approx(9091, abs=1)),
        ("HTTP API: requests a second", 10_000),
        ("short lane: messages in flight", pytest.approx(24_000)),
        ("DynamoDB: writes a second of a table", 40_000),
    ]


def test_larger_records_take_more_write_units() -> None:
    """400 characters with the original text: 1,075 bytes, two units."""
    found = _at(_limits(10, Settings(), "400"))

    assert found["DynamoDB: writes a second of a table"] == 20_000


def test_limit_of_a_lane_counts_only_its_logs() -> None:
    """A tenth is long: 60 s an invocation of 50 messages. 20 / (60 + 0.03 + 50 * 0.02764) * 50 =
    16.28 long logs a second, of 162.8 in all."""
    found = _at(_limits(10, Settings(), "90:100,10:1200"))

    assert found["long lane: its maximum concurrency"] == pytest.approx(162.8, abs=0.1)


def test_use_is_the_share_of_a_limit() -> None:
    limit = Limit("a limit", 10_000, 10_000, "", "")

    assert limit.use(11_574) == pytest.approx(1.1574)


@given(st.floats(0.1, 20_000), st.integers(1, 16_000))
def test_limits_come_in_order_and_name_their_pages(rate: float, chars: int) -> None:
    found = _limits(rate, Settings(), str(chars))

    rates = [limit.logs_a_second for limit in found]
    assert rates == sorted(rates)
    assert all(limit.source.startswith("https://docs.aws.amazon.com/") for limit in found)
    assert all(limit.remedy for limit in found)
