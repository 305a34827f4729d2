import signal
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest

from pipeline.errors import InvalidInputError, PermanentError, TransientError
from tests.lambdas.aws import InMemoryTable
from tests.lambdas.builders import delivery
from tests.lambdas.journal import Journal
from tests.lambdas.worker.runner import BatchRunner
from worker.faults import Faults

Steps = list[Any]


def unchanged() -> str:
    return "modified"


@pytest.fixture
def steps(monkeypatch: pytest.MonkeyPatch) -> Steps:
    """What a job and its fault did, in order. The test does not sleep or die."""
    done: Steps = []
    monkeypatch.setattr("worker.faults.time", SimpleNamespace(sleep=done.append))
    process = SimpleNamespace(getpid=lambda: "own", kill=lambda *call: done.append(call))
    monkeypatch.setattr("worker.faults.os", process)
    return done


def run_with_fault(steps: Steps, *, attempt: int = 1, **fault: Any) -> str:
    def job() -> str:
        steps.append("job")
        return "modified"

    return Faults(enabled=True).inject(job, delivery(attempt=attempt, **fault))()


def test_kill_kills_the_process_before_the_job(steps: Steps) -> None:
    run_with_fault(steps, kind="kill")

    assert steps == [("own", signal.SIGKILL), "job"]


def test_hang_waits_before_the_job(steps: Steps) -> None:
    assert run_with_fault(steps, kind="hang", seconds=2.5) == "modified"
    assert steps == [2.5, "job"]


def test_delay_waits_after_the_job(steps: Steps) -> None:
    assert run_with_fault(steps, kind="delay", seconds=3) == "modified"
    assert steps == ["job", 3]


@pytest.mark.parametrize(
    ("kind", "error"), [("transient", TransientError), ("permanent", PermanentError)]
)
def test_error_is_raised_instead_of_the_job(
    steps: Steps, kind: str, error: type[Exception]
) -> None:
    with pytest.raises(error, match="Injected fault"):
        run_with_fault(steps, kind=kind)
    assert steps == []


@pytest.mark.parametrize("attempt", [1, 2])
def test_fault_strikes_on_the_first_attempts(steps: Steps, attempt: int) -> None:
    run_with_fault(steps, attempt=attempt, kind="hang", seconds=60, attempts=2)

    assert steps == [60, "job"]


def test_fault_is_over_after_its_attempts(steps: Steps) -> None:
    assert run_with_fault(steps, attempt=3, kind="hang", seconds=60, attempts=2) == "modified"
    assert steps == ["job"]


def test_fault_without_attempts_always_strikes(steps: Steps) -> None:
    run_with_fault(steps, attempt=1000, kind="hang", seconds=60)

    assert steps == [60, "job"]


@pytest.mark.parametrize(
    ("attribute", "complaint"),
    [
        ("kill", "Not JSON"),
        ("[]", "must be an object"),
        ("{}", "kind must be one of kill, hang, delay, transient, permanent"),
        ('{"kind": "explode"}', "kind must be one of"),
        ('{"kind": 7}', "kind must be one of"),
        ('{"kind": "kill", "attempts": "2"}', "may have attempts and seconds"),
        ('{"kind": "hang", "seconds": null}', "both numbers"),
        ('{"kind": "hang", "seconds": -1}', "of at least 0"),
        ('{"kind": "kill", "attempt": 2}', "may have attempts and seconds"),
    ],
)
def test_attribute_that_is_not_a_fault_is_invalid_input(attribute: str, complaint: str) -> None:
    invalid = replace(delivery(), attributes={"Fault": attribute})

    with pytest.raises(InvalidInputError, match=complaint):
        Faults(enabled=True).inject(unchanged, invalid)


def test_message_without_a_fault_keeps_its_job() -> None:
    assert Faults(enabled=True).inject(unchanged, delivery()) is unchanged


def test_faults_that_are_off_are_ignored_even_if_invalid() -> None:
    assert Faults(enabled=False).inject(unchanged, delivery(kind="explode")) is unchanged


def test_worker_without_fault_injection_ignores_faults(
    run: BatchRunner, table: InMemoryTable
) -> None:
    assert run(delivery(kind="kill"), fault_injection=False) == []
    assert table.log_ids() == {"a"}


def test_worker_treats_an_invalid_fault_as_permanent(run: BatchRunner, journal: Journal) -> None:
    assert run(delivery(kind="explode")) == ["a"]
    assert journal.line("retried")["retry_seconds"] == 0
