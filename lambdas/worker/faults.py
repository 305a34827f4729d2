"""Fault injection for tests: a message attribute makes the processing of that message fail.

The API never sets the attribute, and a worker without FAULT_INJECTION=true never reads it:

    {"kind": "kill", "attempts": 2}        kill the process on the first two attempts
    {"kind": "hang", "seconds": 60}        hang before processing, on every attempt
    {"kind": "delay", "seconds": 3}        wait between processing and storing
    {"kind": "transient", "attempts": 1}   raise a transient error on the first attempt
    {"kind": "permanent"}                  raise a permanent error
"""

import math
import os
import signal
import time
from dataclasses import dataclass
from functools import partial
from typing import NamedTuple, TypeGuard

from pipeline import strict_json
from pipeline.errors import InvalidInputError, PermanentError, TransientError
from worker.delivery import Delivery
from worker.processing import Job

_ATTRIBUTE = "Fault"
_KINDS = ("kill", "hang", "delay", "transient", "permanent")


class Fault(NamedTuple):
    kind: str
    seconds: float
    attempts: float
    """The last attempt that fails; infinite where every attempt does."""


@dataclass(frozen=True, slots=True)
class Faults:
    enabled: bool

    def inject(self, job: Job, delivery: Delivery) -> Job:
        """Returns the job, with the fault that the message asks for on this attempt, if any.

        :raises InvalidInputError: the attribute does not describe a fault
        """
        attribute = delivery.attributes.get(_ATTRIBUTE) if self.enabled else None
        if attribute is None:
            return job
        fault = _parse(attribute)
        return partial(_run, job, fault) if delivery.attempt <= fault.attempts else job


def _parse(attribute: str) -> Fault:
    match strict_json.loads_object(attribute):
        case {"kind": str(kind), **rest} if kind in _KINDS:
            attempts, seconds = rest.pop("attempts", math.inf), rest.pop("seconds", 0)
        case _:
            raise InvalidInputError(f"The fault's kind must be one of {', '.join(_KINDS)}")
    if rest or not (_is_number(attempts) and _is_number(seconds)):
        raise InvalidInputError("A fault may have attempts and seconds, both numbers of at least 0")
    return Fault(kind, seconds, attempts)


def _is_number(value: object) -> TypeGuard[float]:
    return isinstance(value, int | float) and value >= 0


def _run(job: Job, fault: Fault) -> str:
    match fault.kind:
        case "kill":
            os.kill(os.getpid(), signal.SIGKILL)
        case "hang":
            time.sleep(fault.seconds)
        case "transient":
            raise TransientError("Injected fault")
        case "permanent":
            raise PermanentError("Injected fault")
    modified = job()
    if fault.kind == "delay":
        time.sleep(fault.seconds)
    return modified
