"""The model compared with a run: it can be wrong, and then it fails."""

import json

import pytest

from rdp.capacity.comparison import Comparison, InvalidRunError, Run, compare
from tests.rdp.capacity.builders import RUN


def _compared(**changes: object) -> dict[str, Comparison]:
    found = compare(Run.parse(json.dumps(RUN | changes)))
    return {each.name: each for each in found}


def test_emulator_gathers_with_one_reader() -> None:
    """941 / 59.8 = 15.74 a second, so 1 + 15.74 = 16.74 messages a batch. The first waits 1 s, the
    others half: 0.5299 s; processing 2.5 s, 0.03 s of calls, half of 16.74 * 4 ms."""
    found = _compared()

    assert found["messages a batch"].predicted == pytest.approx(16.74, abs=0.01)
    assert found["messages a batch"].measured == pytest.approx(941 / 57)
    latency = found["seconds from receipt to record"]
    assert latency.predicted == pytest.approx(0.530 + 2.5 + 0.03 + 0.0335, abs=0.001)
    assert found["logs stored a second"].predicted == pytest.approx(15.74, abs=0.01)
    assert all(each.holds for each in found.values())


def test_aws_shares_a_window_among_five_readers() -> None:
    assert _compared(target="aws")["messages a batch"].predicted < 6


def test_overload_is_stored_as_fast_as_the_workers_can() -> None:
    """2 invocations * 10 / (5 + 0.03 + 10 * 0.004) s = 3.945 a second."""
    found = _compared(
        batch_size=10, most_concurrent=2, characters=100, logs=447, receiving=60.0, storing=118.6
    )

    assert found["logs stored a second"].predicted == pytest.approx(3.945, abs=0.001)
    assert found["messages a batch"].predicted == 10


@pytest.mark.parametrize(
    ("name", "changes"),
    [
        ("logs stored a second", {"storing": 75.0}),
        ("logs stored a second", {"storing": 45.0}),
        ("seconds from receipt to record", {"mean_latency": 4.0}),
        ("seconds from receipt to record", {"mean_latency": 2.5}),
        ("messages a batch", {"invocations": 75}),
        ("messages a batch", {"invocations": 44}),
    ],
)
def test_other_figures_do_not_hold(name: str, changes: dict[str, object]) -> None:
    assert [each for each, found in _compared(**changes).items() if not found.holds] == [name]


def test_twenty_per_cent_hold() -> None:
    assert Comparison("", 120, 100).holds
    assert Comparison("", 80, 100).holds
    assert not Comparison("", 120.1, 100).holds
    assert not Comparison("", 79.9, 100).holds


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "it is not JSON"),
        ("[]", "it is not a JSON object"),
        ("{}", "target is null"),
        (json.dumps(RUN | {"target": "moon"}), 'target is "moon"'),
        (json.dumps(RUN | {"logs": "941"}), 'logs is "941"'),
        (json.dumps(RUN | {"logs": True}), "logs is true"),
        (json.dumps(RUN | {"invocations": 0}), "invocations is 0"),
        (json.dumps(RUN | {"window": -1}), "window is -1"),
        (json.dumps(RUN | {"mean_latency": float("nan")}), "mean_latency is NaN"),
        (json.dumps(RUN | {"logs": 1}), "1 logs are too few to compare"),
    ],
)
def test_other_files_are_refused(text: str, reason: str) -> None:
    with pytest.raises(InvalidRunError) as caught:
        Run.parse(text)

    assert str(caught.value) == reason


def test_run_with_settings_out_of_range_is_refused() -> None:
    with pytest.raises(InvalidRunError, match="worker_batch_size is 500: it must be from 1 to 100"):
        _compared(batch_size=500)


def test_window_of_zero_is_a_window() -> None:
    assert _compared(window=0, batch_size=10)["messages a batch"].predicted == 1
