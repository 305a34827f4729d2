"""Runs experiments one after the other, if the stack has what they need, and judges them."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from rdp.chaos.api import ChaosApi, ChaosApiError
from rdp.chaos.catalogue import Experiment
from rdp.chaos.disruption import Need
from rdp.chaos.disruptions import runs_in_container
from rdp.chaos.evidence import Run
from rdp.chaos.judge import Result, described, judge
from rdp.chaos.leftovers import Leftovers, LeftoversError
from rdp.chaos.outcome import Outcome
from rdp.chaos.schedule import shown
from rdp.chaos.timeline import Timeline
from rdp.chaos.trial import Trial
from rdp.checkout import LOCAL, WORKER_PACKAGE, local_endpoint
from rdp.stack import Stack, StackError
from rdp.stack.errors import CALL_ERRORS
from rdp.waiting import DeadlineExceededError

Say = Callable[[str], None]

_FAILURES = (
    *(StackError, ChaosApiError, LeftoversError, DeadlineExceededError),
    *CALL_ERRORS,
)
"""The stack does not answer, or not as expected."""


@dataclass
class Runner:
    stack: Stack
    logs: int
    seed: int
    say: Say
    """Prints a line that stays."""
    progress: Say
    """Prints a line that the next one replaces."""
    seconds: float | None = None
    """How long each load lasts."""
    keep: bool = False
    """Records and dead letters stay where they are."""
    chaos: ChaosApi = field(default_factory=lambda: ChaosApi(local_endpoint()))

    def heal_leftovers(self) -> None:
        """Heal what a killed run may have left broken."""
        if self.stack.functions.mappings.resume():
            self.say("An event source mapping was disabled: it is enabled again")
        for what in self.leftovers.put_back():
            self.say(f"A run that was killed had changed {what}: put back")
        if self.chaos_api and (rules := self.chaos.clear()):
            self.say(f"{rules} rules of the chaos API were in force: they are gone")

    @property
    def leftovers(self) -> Leftovers:
        path = LOCAL / "chaos" / f"leftovers-{self.stack.target}.json"
        return Leftovers(self.stack.functions, path)

    def run(self, experiment: Experiment) -> Result:
        run = Run(experiment.name, shown(experiment.planned), seed=self.seed, logs=self.logs)
        began = time.monotonic()
        self.say(f"\n{experiment.name}: {experiment.breaks}")
        try:
            run.skipped = self._lacks(experiment)
            if not run.skipped:
                self.say(f"  expected: {experiment.expects}")
                run.outcome = self._outcome(experiment, run.timeline)
        except _FAILURES as error:
            # the stack may be healthy again for the next experiment
            run.failure = str(error)
        else:
            run.timeline = Timeline()
        run.seconds = time.monotonic() - began
        result = judge(run, experiment)
        for line in described(result):
            self.say(line)
        return result

    def _outcome(self, experiment: Experiment, timeline: Timeline) -> Outcome:
        if self.chaos_api:
            self.chaos.seed(self.seed)
        trial = Trial(
            stack=self.stack,
            chaos=self.chaos,
            leftovers=self.leftovers,
            experiment=experiment,
            seed=self.seed,
            progress=self.progress,
            seconds=self.seconds,
            timeline=timeline,
        )
        try:
            return trial.run(self.logs)
        finally:
            if not self.keep:
                self._clean_up(trial)

    def _clean_up(self, trial: Trial) -> None:
        try:
            trial.clean_up()
        except (StackError, *CALL_ERRORS) as error:
            self.say(f"  what {trial.names.tenants}-* left stays where it is: {error}")

    def _lacks(self, experiment: Experiment) -> str:
        needs = {need for planned in experiment.planned for need in planned.disruption.needs}
        return ", ".join(sorted(need.value for need in needs if not self._has(need)))

    def _has(self, need: Need) -> bool:
        match need:
            case Need.FAULT_INJECTION:
                return self.stack.functions.worker_injects_faults()
            case Need.CHAOS_API:
                return self.chaos_api
            case Need.LOCAL:
                return self.stack.target == "local"
            case Need.CONTAINER:
                return self.stack.target == "local" and runs_in_container()
            case Need.SHORT_LANE:
                return self.stack.deployment.outputs.max_short_chars <= 400
            case Need.PACKAGE:
                return self.stack.functions.worker_runs(WORKER_PACKAGE)

    @property
    def chaos_api(self) -> bool:
        return self.stack.target == "local" and self.chaos.answers()
