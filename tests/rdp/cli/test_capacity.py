"""rdp capacity: what it prints, and what it refuses."""

import json
from pathlib import Path

import pytest

from tests.rdp.capacity.builders import RUN
from tests.rdp.fixtures import Rdp

_NO_WINDOW = ("--set", "worker_batch_size=10", "--set", "worker_batching_window_seconds=0")


def test_prediction_names_lanes_bill_and_limits(rdp: Rdp) -> None:
    lines = rdp("capacity", "--rate", "10", "--lengths", "90:100,10:2000").stdout.splitlines()

    assert lines[0] == "10 logs a second, 864,000 a day, 290 characters on average"
    assert "short lane   90% of the logs, 9 a second" in lines
    assert "long lane   10% of the logs, 1 a second" in lines
    assert "memory       up to 125 of 256 MB for 50 messages that are tried again" in lines
    assert "Worker function: GB-seconds" in "\n".join(lines)
    assert lines.index("limits, in the order in which more logs reach them") > 0


def test_bill_adds_up_as_it_is_printed(rdp: Rdp) -> None:
    lines = rdp("capacity").stdout.splitlines()
    first = next(n for n, line in enumerate(lines) if line.startswith("dollars per million"))
    last = next(n for n, line in enumerate(lines) if line.startswith("total"))
    figures = [float(line.split()[-1]) for line in lines[first + 1 : last]]

    assert sum(figures) == pytest.approx(float(lines[last].split()[-1]), abs=0.02)


def test_naive_bill_is_beside_ours(rdp: Rdp) -> None:
    naive = (*_NO_WINDOW, "--set", "worker_memory_mb=512", "--set", "lines_a_record=2")
    lines = rdp("capacity", "--naive", *naive).stdout
    [total] = [line.split() for line in lines.splitlines() if line.startswith("total")]

    assert total == ["total", "39.39", "39.39"]


def test_overload_is_told(rdp: Rdp) -> None:
    output = rdp("capacity", "--rate", "1000", "--backlog", "5").stdout

    assert "latency      grows: 220.2 more messages wait each second" in output
    assert "5 messages that wait are processed in no time: more come than" in output
    assert "128% BROKEN  short lane: its maximum concurrency" in output


@pytest.mark.parametrize(
    ("backlog", "time"), [("1000", "1 s"), ("100000", "2.2 minutes"), ("10000000", "3.6 hours")]
)
def test_backlog_takes_a_time(rdp: Rdp, backlog: str, time: str) -> None:
    """780 - 10 = 770 a second."""
    output = rdp("capacity", "--backlog", backlog).stdout

    assert f"messages that wait are processed in {time}\n" in output


def test_programs_get_one_object(rdp: Rdp) -> None:
    [line] = rdp("capacity", "--json", "--rate", "1000", "--backlog", "5").stdout.splitlines()
    found = json.loads(line)

    [lane] = found["lanes"]
    assert (lane["name"], lane["mean_latency"]) == ("short", None)
    assert found["seconds_to_drain"] is None
    dollars = sum(each["dollars_a_month"] for each in found["bill"])
    assert found["dollars_a_month"] == pytest.approx(dollars)
    assert found["limits"][0]["name"] == "short lane: its maximum concurrency"


def test_programs_get_the_naive_configuration_beside_ours(rdp: Rdp) -> None:
    found = json.loads(rdp("capacity", "--json", "--naive").stdout)

    assert found["naive"]["dollars_a_month"] > 5 * found["dollars_a_month"]
    assert "naive" not in json.loads(rdp("capacity", "--json").stdout)


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (("--rate", "0"), "the rate is 0.0: it must be above 0 logs a second"),
        (("--lengths", "x"), "'1:x' is not share:characters"),
        (("--set", "batch=1"), "no setting 'batch'"),
        (("--set", "worker_batch_size=101"), "worker_batch_size is 101: it must be from 1 to 100"),
    ],
)
def test_wrong_input_is_refused_by_value(rdp: Rdp, arguments: tuple[str, ...], reason: str) -> None:
    result = rdp("capacity", *arguments)

    assert result.exit_code == 1
    assert reason in result.stderr
    assert result.stdout == ""


@pytest.mark.parametrize(
    ("changes", "status", "verdict"),
    [({}, 0, "+1%"), ({"invocations": 200}, 1, "more than 20%")],
)
def test_status_is_whether_the_model_holds(
    rdp: Rdp, tmp_path: Path, changes: dict[str, object], status: int, verdict: str
) -> None:
    file = tmp_path / "run.json"
    file.write_text(json.dumps(RUN | changes))

    result = rdp("capacity", "--check", str(file))

    assert result.exit_code == status
    assert verdict in result.stdout


def test_programs_get_the_comparison(rdp: Rdp, tmp_path: Path) -> None:
    file = tmp_path / "run.json"
    file.write_text(json.dumps(RUN))

    found = json.loads(rdp("capacity", "--check", str(file), "--json").stdout)

    assert found["messages a batch"]["holds"] is True
    assert found["messages a batch"]["predicted"] == pytest.approx(16.74, abs=0.01)


def test_file_of_something_else_names_the_command_that_writes_one(rdp: Rdp, tmp_path: Path) -> None:
    file = tmp_path / "run.json"
    file.write_text("{}")

    result = rdp("capacity", "--check", str(file))

    assert result.exit_code == 1
    assert result.stderr == (
        f"rdp: {file} is not what `rdp load --output {file}` writes: target is null\n"
    )


def test_missing_file_is_named(rdp: Rdp, tmp_path: Path) -> None:
    result = rdp("capacity", "--check", str(tmp_path / "none.json"))

    assert result.exit_code == 1
    assert "none.json" in result.stderr
