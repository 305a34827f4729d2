"""The evidence of a run: after writing and reading it, the verdict is the same."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from rdp.chaos.evidence import EvidenceError, Run, read, write
from rdp.chaos.findings import Verdict
from rdp.chaos.judge import experiment_of, judge
from rdp.chaos.timeline import Break, Sample, Timeline
from rdp.stack import Fault
from tests.rdp.chaos import builders
from tests.rdp.chaos.builders import log, record, request

LOGS = [log(0), replace(log(1), fault=Fault("kill", attempts=1)), log(2, "other")]
TIMELINE = Timeline(
    began=1.0,
    ended=9.0,
    samples=[Sample(2.0, waiting=3, in_flight=1, dead=0)],
    breaks=[Break("worker-crash", 2.0, 3.0, 4.0, 5.0)],
)


def _run(stored: int = len(LOGS)) -> Run:
    table = [record(log, attempt=2 if log.fault else 1) for log in LOGS[:stored]]
    evidence = builders.evidence([request(log) for log in LOGS], table)
    return Run(
        "worker-crash",
        "worker-crash@20-70",
        seed=7,
        logs=len(LOGS),
        seconds=8.0,
        outcome=builders.outcome(evidence, TIMELINE),
    )


def _verdict(run: Run) -> Verdict | None:
    return judge(run, experiment_of(run)).verdict


def test_what_is_read_is_what_was_written(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "evidence.json"
    runs = [_run(), Run("freeze", "freeze@40-40", seed=7, logs=3, skipped="a container")]

    write(path, "local", runs)

    assert read(path).runs == runs


@pytest.mark.parametrize(("stored", "verdict"), [(3, Verdict.HOLDS), (2, Verdict.BROKEN)])
def test_evidence_is_judged_as_the_run_was(tmp_path: Path, stored: int, verdict: Verdict) -> None:
    path = tmp_path / "evidence.json"
    write(path, "local", [_run(stored)])

    [again] = read(path).runs

    assert _verdict(again) is _verdict(_run(stored)) is verdict


def test_run_that_failed_is_unknown() -> None:
    assert _verdict(Run("freeze", "freeze@40-40", 1, 10, failure="no answer")) is Verdict.UNKNOWN


def test_random_schedule_is_judged_by_what_it_broke() -> None:
    run = replace(_run(), experiment="random-3", schedule="poison-message@20-60")

    assert [finding.name for finding in judge(run, experiment_of(run)).findings][-1] == "DLQ"


def test_evidence_without_the_experiments_disruptions_is_unknown() -> None:
    run = replace(_run(), experiment="random-3", schedule="poison-message@20-60,sqs-outage@30-50")

    [finding] = builders.not_holding(judge(run, experiment_of(run)).findings)

    assert finding.verdict is Verdict.UNKNOWN
    assert finding.text == "the evidence has 1 disruptions, the experiment 2"


def test_experiment_that_nobody_knows_is_refused() -> None:
    with pytest.raises(EvidenceError, match="no experiment 'earthquake'"):
        experiment_of(Run("earthquake", "ground@0-10", seed=1, logs=10))


@pytest.mark.parametrize(
    ("content", "fragment"),
    [
        (None, "rdp chaos run"),
        ("", "is not the evidence of a run"),
        ("[" * 100_000, "is not the evidence of a run"),
        ("[]", "is not the evidence of a run"),
        ("{}", "has format None, and this version reads 1"),
        ('{"format": 99}', "has format 99"),
        ('{"format": 1, "target": "local"}', "runs: Field required"),
    ],
)
def test_file_that_is_no_evidence_is_refused(
    tmp_path: Path, content: str | None, fragment: str
) -> None:
    path = tmp_path / "evidence.json"
    if content is not None:
        path.write_text(content)

    with pytest.raises(EvidenceError, match=fragment):
        read(path)


def test_file_is_readable_json(tmp_path: Path) -> None:
    path = tmp_path / "evidence.json"
    write(path, "aws", [_run()])

    assert json.loads(path.read_text())["target"] == "aws"
