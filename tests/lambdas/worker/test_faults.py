import pytest

from pipeline.errors import InvalidInputError, PermanentError, TransientError
from worker import faults
from worker.faults import Fault


@pytest.mark.parametrize("attempt", [1, 2])
def test_fault_strikes_on_the_first_attempts(attempt: int) -> None:
    assert faults.due('{"kind": "kill", "attempts": 2}', attempt) == Fault("kill", 0)


def test_fault_passes_after_its_attempts() -> None:
    assert faults.due('{"kind": "kill", "attempts": 2}', 3) is None


def test_fault_without_attempts_strikes_always() -> None:
    assert faults.due('{"kind": "hang", "seconds": 2.5}', 1000) == Fault("hang", 2.5)


@pytest.mark.parametrize(
    "attribute",
    [
        "kill",
        "[]",
        "{}",
        '{"kind": "explode"}',
        '{"kind": "kill", "attempts": "2"}',
        '{"kind": "hang", "seconds": null}',
        '{"kind": "hang", "seconds": -1}',
        '{"kind": "kill", "attempt": 2}',
    ],
)
def test_what_is_no_fault_is_an_input_error(attribute: str) -> None:
    with pytest.raises(InvalidInputError):
        faults.due(attribute, 1)


def test_transient_fault_is_raised_before_processing() -> None:
    with pytest.raises(TransientError):
        faults.before_processing(Fault("transient", 0))


def test_permanent_fault_is_raised_before_processing() -> None:
    with pytest.raises(PermanentError):
        faults.before_processing(Fault("permanent", 0))


@pytest.mark.parametrize("fault", [None, Fault("delay", 60)])
def test_other_faults_leave_the_processing_alone(fault: Fault | None) -> None:
    faults.before_processing(fault)


@pytest.mark.parametrize("fault", [None, Fault("hang", 60)])
def test_other_faults_leave_the_storing_alone(fault: Fault | None) -> None:
    faults.before_storing(fault)
