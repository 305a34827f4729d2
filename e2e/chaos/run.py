"""Experiments one after the other: what each needs, what it found, and a line a check."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass, field

import requests
from botocore.exceptions import BotoCoreError, ClientError

from e2e.chaos.api import ChaosApi, ChaosApiError
from e2e.chaos.catalogue import Experiment
from e2e.chaos.disruptions import Need, runs_in_container
from e2e.chaos.invariants import Finding, check_all
from e2e.chaos.leftovers import WORKER_PACKAGE, Leftovers
from e2e.chaos.timeline import Timeline
from e2e.chaos.trial import Trial
from e2e.deployment import ROOT
from e2e.stack import Stack, StackError
from e2e.waiting import DeadlineExceededError

Tell = Callable[[str], None]

_FAILURES = (
    *(BotoCoreError, ClientError, requests.RequestException),
    *(StackError, ChaosApiError, DeadlineExceededError, subprocess.CalledProcessError),
)
"""The stack does not answer, or not as it should."""


@dataclass
class Result:
    experiment: Experiment
    findings: list[Finding] = field(default_factory=list)
    timeline: Timeline = field(default_factory=Timeline)
    seconds: float = 0.0
    skipped: str = ""
    """Why it did not run."""

    @property
    def verdict(self) -> str:
        if self.skipped:
            return "skipped"
        return "holds" if all(finding.holds for finding in self.findings) else "BROKEN"


@dataclass
class Runner:
    stack: Stack
    logs: int
    seed: int
    tell: Tell
    """Takes lines to keep."""
    progress: Tell
    """Takes a line that the next one replaces."""
    seconds: float | None = None
    """How long each load lasts."""
    keep: bool = False
    """Records and dead letters stay where they are."""
    chaos: ChaosApi = field(default_factory=ChaosApi)

    def heal_leftovers(self) -> None:
        """What a run that was killed may have left."""
        if self.stack.functions.resume_worker():
            self.tell("The event source mapping was disabled: it is enabled again")
        for what in self.leftovers.put_back():
            self.tell(f"A run that was killed had changed {what}: put back")
        if self.chaos_api and (rules := self.chaos.clear()):
            self.tell(f"{rules} rules of the chaos API were in force: they are gone")

    @property
    def leftovers(self) -> Leftovers:
        path = ROOT / ".local" / "chaos" / f"leftovers-{self.stack.target}.json"
        return Leftovers(self.stack.functions, path)

    def run(self, experiment: Experiment) -> Result:
        result, began = Result(experiment), time.monotonic()
        self.tell(f"\n{experiment.name}: {experiment.breaks}")
        try:
            result.skipped = self._lacks(experiment)
            if result.skipped:
                self.tell(f"  skipped: it needs {result.skipped}")
                return result
            self.tell(f"  expected: {experiment.expects}")
            result.findings = self._findings(experiment, result.timeline)
        except _FAILURES as error:
            # the stack may be well again for the next experiment
            result.findings = [Finding("ran to its end", holds=False, text=str(error))]
        result.seconds = time.monotonic() - began
        for finding in result.findings:
            self.tell(f"  {'ok  ' if finding.holds else 'FAIL'} {finding.name}: {finding.text}")
            for log in finding.logs:
                self.tell(f"         {log}")
        return result

    def _findings(self, experiment: Experiment, timeline: Timeline) -> list[Finding]:
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
            outcome = trial.run(self.logs)
            return check_all(outcome.evidence) + [check(outcome) for check in experiment.checks]
        finally:
            if not self.keep:
                self._clean_up(trial)

    def _clean_up(self, trial: Trial) -> None:
        try:
            trial.clean_up()
        except (BotoCoreError, ClientError) as error:
            self.tell(f"  what {trial.names.tenants}-* left stays where it is: {error}")

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
            case Need.PACKAGE:
                return self.stack.functions.worker_runs(WORKER_PACKAGE)

    @property
    def chaos_api(self) -> bool:
        return self.stack.target == "local" and self.chaos.answers()
