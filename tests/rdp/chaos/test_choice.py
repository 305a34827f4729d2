"""Which experiments run, in which order, and how a broken random schedule is made shorter."""

from dataclasses import dataclass, field
from typing import cast

import pytest

from rdp.chaos.catalogue import EXPERIMENTS, Experiment
from rdp.chaos.choice import FAST, Choice
from rdp.chaos.evidence import Run
from rdp.chaos.findings import Finding, Verdict
from rdp.chaos.judge import Result
from rdp.chaos.run import Runner
from rdp.chaos.schedule import parse


@dataclass
class RunnerThatBreaks:
    """Every experiment with this disruption is broken; nothing is really run."""

    culprit: str = "nothing"
    seed: int = 7
    logs: int = 10
    ran: list[str] = field(default_factory=list)
    said: list[str] = field(default_factory=list)

    def say(self, text: str) -> None:
        self.said.append(text)

    def run(self, experiment: Experiment) -> Result:
        self.ran.append(experiment.name)
        names = {planned.disruption.name for planned in experiment.planned}
        verdict = Verdict.BROKEN if self.culprit in names else Verdict.HOLDS
        run = Run(experiment.name, "", seed=self.seed, logs=self.logs)
        return Result(run, experiment, (Finding("check", verdict, ""),))


def _run(choice: Choice, runner: RunnerThatBreaks) -> list[Result]:
    return list(choice.run(cast("Runner", runner)))


def test_nothing_chosen_is_the_catalogue_without_what_breaks_from_outside() -> None:
    runner = RunnerThatBreaks()

    _run(Choice(), runner)

    assert runner.ran == [e.name for e in EXPERIMENTS if e.name != "outside-fault"]
    assert not Choice().is_explicit


@pytest.mark.parametrize(
    ("choice", "names"),
    [
        (Choice(names=["freeze", "outside-fault"]), ["freeze", "outside-fault"]),
        (Choice(fast=True), list(FAST)),
        (Choice(names=["freeze"], fast=True), ["freeze"]),
        (Choice(schedule=parse("sqs-outage@20-60")), ["schedule"]),
        (Choice(random=3), ["random-1", "random-2", "random-3"]),
    ],
)
def test_what_was_chosen_runs(choice: Choice, names: list[str]) -> None:
    runner = RunnerThatBreaks()

    _run(choice, runner)

    assert runner.ran == names
    assert choice.is_explicit


def test_same_seed_runs_the_same_random_schedules() -> None:
    first, again = (
        [result.experiment.breaks for result in _run(Choice(random=5), RunnerThatBreaks())]
        for _ in range(2)
    )

    assert first == again


def test_broken_random_schedule_is_made_shorter_and_can_be_run_again() -> None:
    runner = RunnerThatBreaks(culprit="sqs-outage")

    results = _run(Choice(random=50), runner)

    # the run ends with the first that is broken
    assert [result.verdict for result in results[:-1]] == [Verdict.HOLDS] * (len(results) - 1)
    assert results[-1].verdict is Verdict.BROKEN
    assert runner.ran[-1] == "shorter"
    again = runner.said[-1]
    assert again.strip().startswith('Again: rdp chaos run --schedule "sqs-outage@')
    assert "," not in again
    assert again.endswith(f"--logs 10 --seed {7 + len(results)}")
