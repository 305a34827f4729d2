"""Faults that a test asks for, by a message attribute of its own.

The API never sets the attribute, and a worker without FAULT_INJECTION never looks at it:

    {"kind": "kill", "attempts": 2}        kill the process on the first two attempts
    {"kind": "hang", "seconds": 60}        hang before processing, on every attempt
    {"kind": "delay", "seconds": 3}        wait between processing and storing
    {"kind": "transient", "attempts": 1}   fail once as if the cause could pass
    {"kind": "permanent"}                  fail as if it could not
"""

import math
import os
import signal
import time
from typing import NamedTuple, TypeGuard

from pipeline import strict_json
from pipeline.errors import InvalidInputError, PermanentError, TransientError

ATTRIBUTE = "Fault"
_KINDS = ("kill", "hang", "delay", "transient", "permanent")


class Fault(NamedTuple):
    kind: str
    seconds: float


def due(attribute: str, attempt: int) -> Fault | None:
    """The fault of this attempt, counted from 1, if any.

    Raises:
        InvalidInputError: the attribute is not a fault.
    """
    match strict_json.loads_object(attribute):
        case {"kind": str(kind), **rest} if kind in _KINDS:
            attempts, seconds = rest.pop("attempts", math.inf), rest.pop("seconds", 0)
        case _:
            raise InvalidInputError(f"The fault's kind must be one of {', '.join(_KINDS)}")
    if rest or not (_is_number(attempts) and _is_number(seconds)):
        raise InvalidInputError("The fault may have attempts and seconds, both numbers from 0 on")
    return Fault(kind, seconds) if attempt <= attempts else None


def _is_number(value: object) -> TypeGuard[float]:
    return isinstance(value, int | float) and value >= 0


def before_processing(fault: Fault | None) -> None:
    match fault:
        case Fault("kill"):
            os.kill(os.getpid(), signal.SIGKILL)
        case Fault("hang", seconds):
            time.sleep(seconds)
        case Fault("transient"):
            raise TransientError("Injected fault")
        case Fault("permanent"):
            raise PermanentError("Injected fault")


def before_storing(fault: Fault | None) -> None:
    match fault:
        case Fault("delay", seconds):
            time.sleep(seconds)
