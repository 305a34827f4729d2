"""Which experiments a run consists of."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from rdp.chaos.catalogue import BY_NAME, EXPERIMENTS, Experiment
from rdp.chaos.findings import Verdict
from rdp.chaos.judge import Result
from rdp.chaos.run import Runner, Say
from rdp.chaos.schedule import Schedule, as_experiment, draw, shortest, shown

FAST = (
    "poison-among-neighbours",
    "dynamodb-outage",
    "sqs-outage",
    "duplicate-delivery",
    "deploy-under-load",
)


@dataclass(frozen=True)
class Choice:
    """What a user asked for; by default the whole catalogue."""

    names: Sequence[str] = ()
    fast: bool = False
    schedule: Schedule = ()
    random: int = 0
    """How many random schedules."""

    @property
    def is_explicit(self) -> bool:
        """A stack need not support the whole catalogue, but what a user asked for must run."""
        return bool(self.names or self.fast or self.schedule or self.random)

    def run(self, runner: Runner) -> Iterator[Result]:
        if self.random:
            yield from _run_random(runner, self.random)
            return
        for experiment in self._experiments():
            yield runner.run(experiment)

    def _experiments(self) -> list[Experiment]:
        if self.schedule:
            return [as_experiment("schedule", self.schedule)]
        if names := self.names or (FAST if self.fast else ()):
            return [BY_NAME[name] for name in names]
        return [experiment for experiment in EXPERIMENTS if not experiment.from_outside]


def _run_random(runner: Runner, count: int) -> Iterator[Result]:
    for number, schedule in enumerate(draw(count, runner.seed), start=1):
        seeded = replace(runner, seed=runner.seed + number)
        result = seeded.run(as_experiment(f"random-{number}", schedule))
        yield result
        if result.verdict is Verdict.BROKEN:
            _find_shortest(seeded, schedule, runner.say)
            return


def _find_shortest(runner: Runner, schedule: Schedule, say: Say) -> None:
    say("\nLooking for the shortest schedule that still fails")

    def fails(shorter: Schedule) -> bool:
        return runner.run(as_experiment("shorter", shorter)).verdict is Verdict.BROKEN

    found = shown(shortest(schedule, fails))
    options = f'--schedule "{found}" --logs {runner.logs} --seed {runner.seed}'
    say(f"\nThe shortest that still fails: {found or 'no disruption at all'}")
    if found:
        say(f"Again: rdp chaos run {options}")
