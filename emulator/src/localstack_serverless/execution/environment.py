"""LocalStack's execution environment as a process instead of a container."""

import base64
import json
import os
import signal
import threading
import time
from dataclasses import dataclass
from typing import Any, override

from localstack.services.lambda_.invocation.lambda_models import FunctionVersion, InvocationResult
from localstack.services.lambda_.invocation.runtime_executor import RuntimeExecutor

from ..faults.injection import FAULTS
from ..faults.rules import Call
from . import hot_reload, invocation_faults, layers
from .platform_log import Invocation, platform_log
from .runtime_api import Ending, Report
from .runtimes import find_interpreter
from .sandbox import Program, Sandbox

# LocalStack sets these for its own init process in the container, which does not exist here.
FOREIGN_VARIABLES = ("LOCALSTACK_", "EDGE_PORT", "AWS_LAMBDA_FUNCTION_TIMEOUT")

# https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
MAX_RESPONSE_BYTES = 6291556

# AWS's error types for a process that ended before it answered.
EXIT_ERRORS = {Ending.EXITED: "Runtime.ExitError", Ending.OUT_OF_MEMORY: "Runtime.OutOfMemory"}


class ProcessRuntimeExecutor(RuntimeExecutor):
    """Runs a function version's invocations, one at a time, in a process of its runtime."""

    def __init__(self, id: str, function_version: FunctionVersion) -> None:  # noqa: A002 - the base class's name
        super().__init__(id=id, function_version=function_version)
        self._env: dict[str, str] = {}
        self._sandbox: Sandbox | None = None
        self._code_snapshot: hot_reload.Snapshot | None = None
        self._stopped = False
        self._invoking = threading.Lock()
        self._log = platform_log(function_version.config.logging_config or {})
        self._code = function_version.config.code
        # of the current invocation: base64 of JSON, as the caller passed it
        self.client_context = ""

    @classmethod
    @override
    def prepare_version(cls, function_version: FunctionVersion) -> None:
        find_interpreter(_runtime(function_version))
        if code := function_version.config.code:
            hot_reload.check(code)
            code.prepare_for_execution()
        layers.prepare(function_version)

    @classmethod
    @override
    def cleanup_version(cls, function_version: FunctionVersion) -> None:
        """Remove the layers. LocalStack removes the code with the function's archive."""
        layers.clean_up(function_version)

    @override
    def start(self, env_vars: dict[str, Any]) -> None:
        self._env = {
            name: str(value)
            for name, value in env_vars.items()
            if not name.startswith(FOREIGN_VARIABLES)
        }
        self._sandbox = self._new_sandbox()

    @override
    def stop(self) -> None:
        """Stop the environment, after the current invocation if there is one: updating or deleting
        a function does not interrupt its invocations."""
        self._stopped = True
        self._close_where_stopped()

    @override
    def invoke(self, payload: dict[str, str]) -> InvocationResult:
        try:
            with self._invoking:
                return self._invoke(payload)
        finally:
            self._close_where_stopped()

    def kill(self) -> bool:
        """Kill the process, even during an invocation; returns whether there was one."""
        sandbox = self._sandbox
        return sandbox.kill() if sandbox else False

    def _close_where_stopped(self) -> None:
        if self._stopped and self._invoking.acquire(blocking=False):
            if self._sandbox:
                self._sandbox.close()
                self._sandbox = None
            self._invoking.release()

    def _invoke(self, payload: dict[str, str]) -> InvocationResult:
        sandbox = self._running_sandbox()
        timeout = self.function_version.config.timeout
        request_id = payload["invoke-id"]
        is_cold = sandbox.init_seconds is None
        began = time.monotonic()
        report = sandbox.wait_until_ready(timeout)
        sandbox.log(self._log.start(request_id, self.function_version.id.qualifier))
        if report.ending is Ending.NEXT:
            began = time.monotonic()
            report = self._run(sandbox, payload, timeout)
        seconds = time.monotonic() - began
        outcome = _outcome(report, request_id, timeout, sandbox.exit_status)
        invocation = Invocation(
            request_id,
            outcome.status,
            seconds,
            self.function_version.config.memory_size,
            sandbox.peak_memory_mb,
            sandbox.init_seconds if is_cold else None,
            outcome.error_type,
            outcome.problem,
        )
        log = sandbox.take_log() + self._log.end(invocation)
        return InvocationResult(
            request_id, outcome.payload, is_error=outcome.status != "success", logs=log
        )

    def _run(self, sandbox: Sandbox, payload: dict[str, str], timeout: float) -> Report:
        event = payload["payload"].encode()
        headers = _headers(payload, timeout, self.client_context)
        if not FAULTS.on_invocations:
            return sandbox.invoke(event, headers, timeout)
        version = self.function_version.id
        function = Call("lambda", "", version.region, version.function_name)
        return invocation_faults.invoke(
            function, sandbox, lambda seconds: sandbox.invoke(event, headers, seconds), timeout
        )

    @override
    def get_logs(self) -> str:
        """What the function wrote while no invocation was running."""
        return self._sandbox.take_log() if self._sandbox and not self._invoking.locked() else ""

    @override
    def get_address(self) -> str:
        return "127.0.0.1"

    @override
    def get_endpoint_from_executor(self) -> str:
        return "127.0.0.1"

    @override
    def get_runtime_endpoint(self) -> str:
        return ""

    def _running_sandbox(self) -> Sandbox:
        if self._stopped or self._sandbox is None:
            raise RuntimeError(f"execution environment {self.id} is stopped")
        has_ended = not self._sandbox.is_running and self._sandbox.init_seconds is not None
        if has_ended or hot_reload.snapshot(self._code) != self._code_snapshot:
            self._sandbox.close()
            self._sandbox = self._new_sandbox()
        return self._sandbox

    def _new_sandbox(self) -> Sandbox:
        config = self.function_version.config
        runtime = _runtime(self.function_version)
        # before the process reads the files, so that later changes are noticed
        self._code_snapshot = hot_reload.snapshot(self._code)
        program = Program(
            runtime=runtime,
            handler=config.handler or "",
            task_root=self._code.get_unzipped_code_location(),
            is_hot_reloaded=self._code.is_hot_reloading(),
            layers_root=layers.folder(self.function_version),
            memory_mb=config.memory_size,
        )
        sandbox = Sandbox(program, self._env)
        sandbox.log(self._log.init_start(runtime))
        return sandbox


def _runtime(function_version: FunctionVersion) -> str:
    return function_version.config.runtime or "a container image"


def _headers(payload: dict[str, str], timeout: float, client_context: str) -> list[tuple[str, str]]:
    headers = [
        ("Lambda-Runtime-Aws-Request-Id", payload["invoke-id"]),
        ("Lambda-Runtime-Deadline-Ms", str(int((time.time() + timeout) * 1000))),
        ("Lambda-Runtime-Invoked-Function-Arn", payload["invoked-function-arn"]),
        ("Lambda-Runtime-Trace-Id", payload["trace-id"]),
    ]
    if client_context:
        decoded = json.dumps(json.loads(base64.b64decode(client_context)))
        headers.append(("Lambda-Runtime-Client-Context", decoded))
    return headers


@dataclass(frozen=True)
class _Outcome:
    """The payload of the response; for the other fields see platform_log.Invocation."""

    payload: bytes
    status: str
    error_type: str = ""
    problem: str = ""


def _outcome(report: Report, request_id: str, timeout: float, exit_status: int | None) -> _Outcome:
    if report.ending is Ending.RESPONSE:
        is_too_large = len(report.payload) > MAX_RESPONSE_BYTES
        return _too_large() if is_too_large else _Outcome(report.payload, "success")
    if report.ending is Ending.TIMED_OUT:
        status, error_type = "timeout", "Sandbox.Timedout"
        problem = f"Task timed out after {timeout:.2f} seconds"
    elif report.ending in EXIT_ERRORS:
        status, error_type = "error", EXIT_ERRORS[report.ending]
        problem = _exit_reason(exit_status)
    else:
        return _Outcome(report.payload, "failure")
    error = {
        "errorType": error_type,
        "errorMessage": f"RequestId: {request_id} Error: {problem}",
    }
    return _Outcome(json.dumps(error).encode(), status, error_type, problem)


def _too_large() -> _Outcome:
    error_type = "Function.ResponseSizeTooLarge"
    problem = (
        f"Response payload size exceeded maximum allowed payload size ({MAX_RESPONSE_BYTES} bytes)."
    )
    error = {"errorType": error_type, "errorMessage": problem}
    return _Outcome(json.dumps(error).encode(), "failure", error_type, problem)


def _exit_reason(status: int | None) -> str:
    if status is None or status == 0:
        return "Runtime exited without providing a reason"
    if os.WIFSIGNALED(status):
        name = signal.strsignal(os.WTERMSIG(status)) or str(os.WTERMSIG(status))
        return f"Runtime exited with error: signal: {name.lower()}"
    return f"Runtime exited with error: exit status {os.waitstatus_to_exitcode(status)}"
