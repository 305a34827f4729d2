"""rdp chaos: the verdicts of a run, printed, kept, judged again, and its exit status."""

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from rdp.chaos import disruptions, evidence, run, signals
from rdp.chaos.api import ChaosApi, ChaosApiError
from rdp.chaos.catalogue import Experiment
from rdp.chaos.evidence import Run
from rdp.chaos.judge import Result, judge
from rdp.chaos.run import Runner
from rdp.stack import Record
from tests.rdp.chaos import builders
from tests.rdp.chaos.builders import log, record, request
from tests.rdp.cloud import ENABLED, Cloud
from tests.rdp.fixtures import Rdp

LOGS = [log(0), log(1, "other")]
RECORDS = [record(log) for log in LOGS]


def _run(table: list[Record], **changes: object) -> Run:
    """Of an experiment that breaks nothing."""
    outcome = builders.outcome(builders.evidence([request(log) for log in LOGS], table))
    found = Run("noisy-tenant", "", seed=1, logs=2, seconds=8.0, outcome=outcome)
    return replace(found, **changes)  # type: ignore[arg-type]


HOLDS, BROKEN = _run(RECORDS), _run(RECORDS[:1])
UNKNOWN = _run([], outcome=None, failure="no answer")
SKIPPED = _run([], outcome=None, skipped="a container")


@pytest.mark.parametrize(
    ("runs", "status"),
    [
        ([HOLDS, HOLDS], 0),
        ([HOLDS, BROKEN, UNKNOWN], 1),
        ([HOLDS, UNKNOWN], 3),
        ([HOLDS, SKIPPED], 0),
        ([SKIPPED], 3),
        ([], 3),
    ],
)
def test_status_of_a_judgement(rdp: Rdp, tmp_path: Path, runs: list[Run], status: int) -> None:
    path = tmp_path / "evidence.json"
    evidence.write(path, "local", runs)

    for_people, for_programs = (
        rdp("chaos", "judge", str(path), *options) for options in ([], ["--json"])
    )

    assert (for_people.exit_code, for_programs.exit_code) == (status, status)
    lines = [json.loads(line) for line in for_programs.stdout.splitlines()]
    assert [line["experiment"] for line in lines] == ["noisy-tenant"] * len(runs)


def test_judgement_names_the_logs_and_writes_the_report(rdp: Rdp, tmp_path: Path) -> None:
    path, report = tmp_path / "evidence.json", tmp_path / "deep" / "report.html"
    evidence.write(path, "local", [BROKEN, SKIPPED])

    result = rdp("chaos", "judge", str(path), "--report", str(report))

    assert "  FAIL I1 nothing lost: 1 did not end" in result.stdout
    assert "         other/log-1: lost" in result.stdout
    assert "skipped        8  needs a container" in result.stdout
    assert "other/log-1: lost" in report.read_text()


def test_evidence_of_an_unknown_experiment_is_one_line(rdp: Rdp, tmp_path: Path) -> None:
    path = tmp_path / "evidence.json"
    evidence.write(path, "local", [_run(RECORDS, experiment="earthquake", schedule="x")])

    result = rdp("chaos", "judge", str(path))

    assert result.exit_code == 1
    assert "there is no experiment 'earthquake'" in result.stderr
    assert len(result.stderr.splitlines()) == 1


# -- a run, with the outcomes of its experiments given------------------------------------------


@pytest.fixture(autouse=True)
def default_signals(monkeypatch: pytest.MonkeyPatch) -> None:
    """The handlers are this process's own."""
    monkeypatch.setattr(signals, "end_in_order", lambda: None)


@pytest.fixture
def outcomes(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Run | BaseException]]:
    """What the next experiments end with."""
    found: list[Run | BaseException] = []

    def ended(runner: Runner, experiment: Experiment) -> Result:
        runner.say(f"\n{experiment.name}: {experiment.breaks}")
        outcome = found.pop(0)
        if isinstance(outcome, BaseException):
            raise outcome
        return judge(outcome, experiment)

    monkeypatch.setattr(Runner, "run", ended)
    monkeypatch.setattr(ChaosApi, "answers", lambda _self: False)
    yield found
    assert found == [], "fewer experiments than expected"


def _files(folder: Path) -> tuple[str, ...]:
    return (
        *("--evidence", str(folder / "evidence.json")),
        *("--report", str(folder / "report.html"), "--logs", "10", "--seed", "1"),
    )


@pytest.mark.parametrize(
    ("ends", "status"), [([HOLDS], 0), ([BROKEN], 1), ([UNKNOWN], 3), ([SKIPPED], 3)]
)
def test_status_of_a_run(
    rdp: Rdp,
    tmp_path: Path,
    outcomes: list[Run | BaseException],
    ends: list[Run],
    status: int,
) -> None:
    outcomes += ends

    result = rdp("chaos", "run", "noisy-tenant", *_files(tmp_path))

    assert result.exit_code == status
    assert evidence.read(tmp_path / "evidence.json").runs == ends


def test_programs_get_one_object_an_experiment_and_nothing_else(
    rdp: Rdp, tmp_path: Path, outcomes: list[Run | BaseException]
) -> None:
    outcomes += [HOLDS, BROKEN]

    result = rdp("chaos", "run", "noisy-tenant", "noisy-tenant", "--json", *_files(tmp_path))

    lines = [json.loads(line) for line in result.stdout.splitlines()]
    assert [line["verdict"] for line in lines] == ["holds", "broken"]
    assert "10 logs an experiment, seed 1, target local" in result.stderr


def test_interrupted_run_keeps_what_was_run(
    rdp: Rdp, tmp_path: Path, outcomes: list[Run | BaseException]
) -> None:
    outcomes += [HOLDS, KeyboardInterrupt()]

    result = rdp("chaos", "run", "noisy-tenant", "noisy-tenant", *_files(tmp_path))

    assert result.exit_code == 130
    assert result.stderr.splitlines()[-1] == "rdp: interrupted"
    assert evidence.read(tmp_path / "evidence.json").runs == [HOLDS]
    assert "noisy-tenant               holds" in result.stdout


def test_mapping_that_a_killed_run_left_disabled_is_enabled(
    rdp: Rdp, cloud: Cloud, tmp_path: Path, outcomes: list[Run | BaseException]
) -> None:
    cloud.functions.mappings["long-queue"] = "Disabled"
    outcomes += [HOLDS]

    result = rdp("chaos", "run", "noisy-tenant", *_files(tmp_path))

    assert "An event source mapping was disabled: it is enabled again" in result.stdout
    assert cloud.functions.mappings == ENABLED


@pytest.mark.usefixtures("outcomes")
def test_chaos_api_that_fails_is_one_line(
    rdp: Rdp, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_self: object) -> bool:
        raise ChaosApiError("GET faults: 500 no")

    monkeypatch.setattr(ChaosApi, "answers", refuse)

    result = rdp("chaos", "run", "noisy-tenant", *_files(tmp_path))

    assert result.exit_code == 1
    assert result.stderr.splitlines() == ["rdp: GET faults: 500 no"]


def test_unreadable_notes_of_a_killed_run_are_one_line(
    rdp: Rdp, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(run, "LOCAL", tmp_path)
    (tmp_path / "chaos").mkdir()
    (tmp_path / "chaos" / "leftovers-local.json").write_text("{")

    result = rdp("chaos", "run", "noisy-tenant", *_files(tmp_path))

    assert result.exit_code == 1
    assert "does not say what a killed run changed" in result.stderr


def test_container_is_healed_only_for_the_local_stack(
    rdp: Rdp,
    tmp_path: Path,
    outcomes: list[Run | BaseException],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    calls: list[str] = []
    outcomes += [HOLDS, HOLDS]

    for target in ("aws", "local"):
        monkeypatch.setattr(disruptions, "heal_container", lambda on=target: calls.append(on))
        rdp("chaos", "run", "noisy-tenant", "--target", target, *_files(tmp_path))

    assert calls == ["local"]


def test_experiments_are_listed(rdp: Rdp) -> None:
    for_people, for_programs = rdp("chaos", "list"), rdp("chaos", "list", "--json")

    names = [json.loads(line)["name"] for line in for_programs.stdout.splitlines()]
    assert names == [line.split()[0] for line in for_people.stdout.splitlines()]
    assert "outside-fault" in names


@pytest.mark.parametrize("option", ["--report", "--evidence"])
def test_file_that_cannot_be_written_is_refused_before_anything_runs(
    rdp: Rdp, tmp_path: Path, outcomes: list[Run | BaseException], option: str
) -> None:
    (tmp_path / "file").touch()
    path = tmp_path / "file" / "report"

    result = rdp("chaos", "run", "noisy-tenant", *_files(tmp_path), option, str(path))

    assert result.exit_code == 1
    assert f"{path} cannot be written: " in result.stderr
    assert outcomes == []
