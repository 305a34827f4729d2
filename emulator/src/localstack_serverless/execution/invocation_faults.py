"""Faults of invocations: they fail, start late, or lose their process."""

import json
import threading
import time
from collections.abc import Callable
from typing import Protocol

from ..faults.injection import FAULTS, SIMULATED
from ..faults.rules import Call, InvocationDelay, InvocationError, ProcessEnd
from .runtime_api import Ending, Report

_ERROR = json.dumps({"errorType": "SimulatedFault", "errorMessage": SIMULATED}).encode()


class Environment(Protocol):
    """What a fault can do to the function's process (see sandbox.Sandbox)."""

    def time_out(self) -> Report: ...

    def kill(self) -> object: ...

    def exhaust_memory(self) -> object: ...


def invoke(
    function: Call,
    environment: Environment,
    run: Callable[[float], Report],
    timeout: float,
) -> Report:
    """Invoke a function with the fault, if any, that the rules in force have for it.

    :param run: runs the handler, with a timeout in seconds
    :param timeout: the function's timeout in seconds
    """
    match FAULTS.meet_invocation(function):
        case InvocationError(prevent_execution=True):
            return Report(Ending.ERROR, _ERROR)
        case InvocationError():
            report = run(timeout)
            return Report(Ending.ERROR, _ERROR) if report.ending is Ending.RESPONSE else report
        case InvocationDelay(startup_delay_milliseconds=milliseconds):
            return _run_late(environment, run, timeout, milliseconds / 1000)
        case ProcessEnd(action=action, after_milliseconds=milliseconds):
            end = environment.kill if action == "kill" else environment.exhaust_memory
            return _run_until(end, lambda: run(timeout), milliseconds / 1000)
        case _:
            return run(timeout)


def _run_late(
    environment: Environment, run: Callable[[float], Report], timeout: float, delay: float
) -> Report:
    time.sleep(min(delay, timeout))
    return run(timeout - delay) if delay < timeout else environment.time_out()


def _run_until(end: Callable[[], object], run: Callable[[], Report], seconds: float) -> Report:
    timer = threading.Timer(seconds, end)
    timer.start()
    try:
        return run()
    finally:
        timer.cancel()
