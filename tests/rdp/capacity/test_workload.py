"""Lengths of logs: parsed, split into lanes, the longest of a batch."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rdp.capacity.workload import InvalidWorkloadError, Lengths, Workload


@pytest.mark.parametrize(
    ("text", "shares"),
    [
        ("100", {100: 1.0}),
        ("1:100", {100: 1.0}),
        ("90:100,10:2000", {100: 0.9, 2000: 0.1}),
        (" 9:100 , 1:2000 ", {100: 0.9, 2000: 0.1}),
        ("0.25:7,0.25:7,0.5:9", {7: 0.5, 9: 0.5}),
    ],
)
def test_shares_add_up_to_one(text: str, shares: dict[int, float]) -> None:
    assert Lengths.parse(text).shares == pytest.approx(shares)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "'1:' is not share:characters"),
        ("long", "'1:long' is not share:characters"),
        ("50,100", "'50' is not share:characters"),
        ("90:100,", "'' is not share:characters"),
        ("90:100:7", "'90:100:7' is not share:characters"),
        ("0:100", "the share in '0:100' must be a number above 0"),
        ("-1:100", "the share in '-1:100' must be a number above 0"),
        ("nan:100", "the share in 'nan:100' must be a number above 0"),
        ("1e999:100", "the share in '1e999:100' must be a number above 0"),
        ("0", "the characters in '1:0' must be from 1 to 6,291,456"),
        ("1:7000000", "the characters in '1:7000000' must be from 1 to 6,291,456"),
    ],
)
def test_other_text_is_refused_by_name(text: str, reason: str) -> None:
    with pytest.raises(InvalidWorkloadError) as caught:
        Lengths.parse(text)

    assert reason in str(caught.value)


@pytest.mark.parametrize("rate", [0.0, -1.0, float("nan"), float("inf")])
def test_rate_must_be_above_zero(rate: float) -> None:
    with pytest.raises(InvalidWorkloadError, match=f"the rate is {rate}: it must be above 0"):
        Workload(rate, Lengths({100: 1.0}))


def test_mean_is_weighted() -> None:
    """0.9 * 100 + 0.1 * 2000 = 290; of squares 0.9 * 10,000 + 0.1 * 4,000,000 = 409,000."""
    lengths = Lengths.parse("90:100,10:2000")

    assert lengths.mean() == pytest.approx(290)
    assert lengths.mean(lambda chars: chars**2) == pytest.approx(409_000)


def test_longest_of_two_is_long_if_one_of_them_is() -> None:
    """No long one among two: 0.9^2 = 0.81. So 0.81 * 100 + 0.19 * 2000 = 461."""
    lengths = Lengths.parse("90:100,10:2000")

    assert lengths.longest(1) == pytest.approx(290)
    assert lengths.longest(2) == pytest.approx(461)
    assert lengths.longest(1000) == pytest.approx(2000)


def test_two_logs_have_1_18_different_lengths() -> None:
    """(1 - 0.1^2) + (1 - 0.9^2) = 0.99 + 0.19 = 1.18."""
    assert Lengths.parse("90:100,10:2000").distinct(2) == pytest.approx(1.18)


def test_long_logs_are_split_off() -> None:
    (short, shorts), (long, longs) = Lengths.parse("6:100,3:400,1:401").split(400)

    assert (short, long) == pytest.approx((0.9, 0.1))
    assert shorts.shares == pytest.approx({100: 2 / 3, 400: 1 / 3})
    assert longs.shares == {401: 1.0}


@given(
    st.dictionaries(st.integers(1, 20_000), st.floats(0.01, 100), min_size=1, max_size=6),
    st.floats(1, 100),
    st.floats(0, 100),
)
def test_more_logs_have_no_shorter_longest(
    weights: dict[int, float], count: float, more: float
) -> None:
    lengths = Lengths.parse(",".join(f"{share}:{chars}" for chars, share in weights.items()))

    longest = lengths.longest(count)

    assert min(weights) - 1e-6 <= longest <= max(weights) + 1e-6
    assert longest <= lengths.longest(count + more) + 1e-6
