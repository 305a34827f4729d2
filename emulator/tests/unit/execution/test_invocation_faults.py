import time
from collections.abc import Iterator

import pytest

from localstack_serverless.execution import invocation_faults
from localstack_serverless.execution.runtime_api import Ending, Report
from localstack_serverless.faults.injection import FAULTS
from localstack_serverless.faults.rules import Call, parse_rules

from ..builders import Process

FUNCTION = Call("lambda", "", "us-east-1", "worker")


@pytest.fixture(autouse=True)
def _no_rules_afterwards() -> Iterator[None]:
    yield
    FAULTS.replace([])


def invoke(process: Process, timeout: float = 3, **fault: object) -> Report:
    FAULTS.replace(parse_rules([{"invocation": fault}] if fault else []))
    return invocation_faults.invoke(FUNCTION, process, process.run, timeout)


def test_invocation_without_a_rule_runs_with_its_timeout() -> None:
    process = Process()
    assert invoke(process) == Report(Ending.RESPONSE, b"done")
    assert process.ran_with == 3


@pytest.mark.parametrize("prevented", [True, False])
def test_failing_invocation_runs_only_if_the_rule_says_so(prevented: bool) -> None:
    process = Process()
    report = invoke(process, action="aws:lambda:invocation-error", preventExecution=prevented)
    assert report.ending is Ending.ERROR
    assert b"SimulatedFault" in report.payload
    assert (process.ran_with is None) is prevented


def test_delay_uses_up_the_timeout() -> None:
    process = Process()
    invoke(process, action="aws:lambda:invocation-add-delay", startupDelayMilliseconds=100)
    assert process.ran_with == pytest.approx(2.9)


def test_delay_beyond_the_timeout_is_a_timeout() -> None:
    process = Process()
    began = time.monotonic()
    report = invoke(
        process, 0.05, action="aws:lambda:invocation-add-delay", startupDelayMilliseconds=60000
    )
    assert report.ending is Ending.TIMED_OUT
    assert process.ran_with is None
    assert time.monotonic() - began < 5


@pytest.mark.parametrize(
    ("action", "ending"), [("kill", Ending.EXITED), ("outOfMemory", Ending.OUT_OF_MEMORY)]
)
def test_process_ends_during_the_invocation(action: str, ending: Ending) -> None:
    process = Process(is_busy=True)
    assert invoke(process, action=action, afterMilliseconds=10).ending is ending


def test_process_that_is_done_earlier_is_not_killed() -> None:
    process = Process()
    assert invoke(process, action="kill", afterMilliseconds=60000).ending is Ending.RESPONSE
