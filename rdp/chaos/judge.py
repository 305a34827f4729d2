"""From the evidence of a run to its verdict."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from rdp.chaos.catalogue import BY_NAME, Experiment
from rdp.chaos.evidence import EvidenceError, Run
from rdp.chaos.findings import Finding, Verdict, overall
from rdp.chaos.invariants import check_all
from rdp.chaos.schedule import ScheduleError, as_experiment, parse
from rdp.chaos.timeline import Timeline

_MARKS = {Verdict.HOLDS: "ok  ", Verdict.BROKEN: "FAIL", Verdict.UNKNOWN: "?   "}


@dataclass(frozen=True)
class Result:
    run: Run
    experiment: Experiment
    findings: tuple[Finding, ...] = ()

    @property
    def verdict(self) -> Verdict | None:
        """None if it was skipped."""
        return None if self.run.skipped else overall(finding.verdict for finding in self.findings)

    @property
    def word(self) -> str:
        return self.verdict or "skipped"

    @property
    def timeline(self) -> Timeline:
        return self.run.outcome.timeline if self.run.outcome else self.run.timeline


def judge(run: Run, experiment: Experiment) -> Result:
    if run.failure:
        return Result(run, experiment, (Finding("ran to its end", Verdict.UNKNOWN, run.failure),))
    if run.outcome is None:
        return Result(run, experiment)
    findings = check_all(run.outcome.evidence)
    broken, planned = len(run.outcome.timeline.breaks), len(experiment.planned)
    if broken == planned:
        findings += [check(run.outcome) for check in experiment.checks]
    else:
        text = f"the evidence has {broken} disruptions, the experiment {planned}"
        findings.append(Finding("disruptions", Verdict.UNKNOWN, text))
    return Result(run, experiment, tuple(findings))


def experiment_of(run: Run) -> Experiment:
    """:raises EvidenceError: this version knows neither the experiment nor what it broke"""
    if run.experiment in BY_NAME:
        return BY_NAME[run.experiment]
    try:
        return as_experiment(run.experiment, parse(run.schedule))
    except ScheduleError as error:
        raise EvidenceError(f"there is no experiment {run.experiment!r}, and {error}") from error


def described(result: Result) -> Iterator[str]:
    """A line for each check, followed by the logs that it names."""
    if result.run.skipped:
        yield f"  skipped: it needs {result.run.skipped}"
    for finding in result.findings:
        yield f"  {_MARKS[finding.verdict]} {finding.name}: {finding.text}"
        for log in finding.logs:
            yield f"         {log}"
