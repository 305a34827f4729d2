"""LocalStack's execution environment as a process instead of a container."""

import json
import os
import signal
import threading
import time
from datetime import UTC, datetime
from math import ceil
from typing import Any, override

from localstack.services.lambda_.invocation.lambda_models import FunctionVersion, InvocationResult
from localstack.services.lambda_.invocation.runtime_executor import RuntimeExecutor

from .runtime_api import Ending, Report
from .runtimes import find_interpreter
from .sandbox import Sandbox

# LocalStack addresses these to its own init process, which is not there.
FOREIGN_VARIABLES = ("LOCALSTACK_", "EDGE_PORT", "AWS_LAMBDA_FUNCTION_TIMEOUT")


class ProcessRuntimeExecutor(RuntimeExecutor):
    """Runs a function version's invocations, one at a time, in a process of its runtime."""

    def __init__(self, id: str, function_version: FunctionVersion) -> None:  # noqa: A002 - the base class's name
        super().__init__(id=id, function_version=function_version)
        self._env: dict[str, str] = {}
        self._sandbox: Sandbox | None = None
        self._stopped = False
        self._invoking = threading.Lock()

    @classmethod
    @override
    def prepare_version(cls, function_version: FunctionVersion) -> None:
        find_interpreter(_runtime(function_version))
        if function_version.config.code:
            function_version.config.code.prepare_for_execution()

    @classmethod
    @override
    def cleanup_version(cls, function_version: FunctionVersion) -> None:
        """The code goes with the function's archive."""

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
        """End the environment, or let the invocation under way end it: an update or a deletion of
        the function does not interrupt what already runs."""
        self._stopped = True
        self._close_where_stopped()

    @override
    def invoke(self, payload: dict[str, str]) -> InvocationResult:
        try:
            with self._invoking:
                return self._invoke(payload)
        finally:
            self._close_where_stopped()

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
        sandbox.log(
            f"START RequestId: {request_id} Version: {self.function_version.id.qualifier}\n"
        )
        if report.ending is Ending.NEXT:
            began = time.monotonic()
            report = sandbox.invoke(
                payload["payload"].encode(), _headers(payload, timeout), timeout
            )
        seconds = time.monotonic() - began
        result, platform_lines = _outcome(report, request_id, timeout, sandbox.exit_status)
        log = sandbox.take_log() + platform_lines + f"END RequestId: {request_id}\n"
        log += self._report_line(request_id, seconds, sandbox, report.ending, is_cold=is_cold)
        return InvocationResult(
            request_id, result, is_error=report.ending is not Ending.RESPONSE, logs=log
        )

    @override
    def get_logs(self) -> str:
        """What the function wrote outside of an invocation."""
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
        if not self._sandbox.is_running and self._sandbox.init_seconds is not None:
            self._sandbox.close()
            self._sandbox = self._new_sandbox()
        return self._sandbox

    def _new_sandbox(self) -> Sandbox:
        code = self.function_version.config.code
        runtime = _runtime(self.function_version)
        handler = self.function_version.config.handler or ""
        sandbox = Sandbox(runtime, handler, code.get_unzipped_code_location(), self._env)
        sandbox.log(f"INIT_START Runtime Version: {runtime.replace('python', 'python:')}\n")
        return sandbox

    def _report_line(
        self, request_id: str, seconds: float, sandbox: Sandbox, ending: Ending, *, is_cold: bool
    ) -> str:
        fields = [
            f"REPORT RequestId: {request_id}",
            f"Duration: {seconds * 1000:.2f} ms",
            f"Billed Duration: {ceil(seconds * 1000)} ms",
            f"Memory Size: {self.function_version.config.memory_size} MB",
            f"Max Memory Used: {sandbox.peak_memory_mb()} MB",
        ]
        if is_cold and sandbox.init_seconds is not None:
            fields.append(f"Init Duration: {sandbox.init_seconds * 1000:.2f} ms")
        if ending is Ending.TIMED_OUT:
            fields.append("Status: timeout")
        if ending is Ending.EXITED:
            fields += ["Status: error", "Error Type: Runtime.ExitError"]
        return "\t".join(fields) + "\t\n"


def _runtime(function_version: FunctionVersion) -> str:
    return function_version.config.runtime or "a container image"


def _headers(payload: dict[str, str], timeout: float) -> list[tuple[str, str]]:
    return [
        ("Lambda-Runtime-Aws-Request-Id", payload["invoke-id"]),
        ("Lambda-Runtime-Deadline-Ms", str(int((time.time() + timeout) * 1000))),
        ("Lambda-Runtime-Invoked-Function-Arn", payload["invoked-function-arn"]),
        ("Lambda-Runtime-Trace-Id", payload["trace-id"]),
    ]


def _outcome(
    report: Report, request_id: str, timeout: float, exit_status: int | None
) -> tuple[bytes, str]:
    """The invocation's payload, and the lines that the platform adds to the function's log."""
    if report.ending is Ending.TIMED_OUT:
        message = f"Task timed out after {timeout:.2f} seconds"
        now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"
        return (
            _error("Sandbox.Timedout", f"RequestId: {request_id} Error: {message}"),
            f"{now} {request_id} {message}\n\n",
        )
    if report.ending is Ending.EXITED:
        message = f"RequestId: {request_id} Error: {_exit_reason(exit_status)}"
        return _error("Runtime.ExitError", message), f"{message}\nRuntime.ExitError\n"
    return report.payload, ""


def _exit_reason(status: int | None) -> str:
    if status is None or status == 0:
        return "Runtime exited without providing a reason"
    if os.WIFSIGNALED(status):
        name = signal.strsignal(os.WTERMSIG(status)) or str(os.WTERMSIG(status))
        return f"Runtime exited with error: signal: {name.lower()}"
    return f"Runtime exited with error: exit status {os.waitstatus_to_exitcode(status)}"


def _error(error_type: str, message: str) -> bytes:
    return json.dumps({"errorType": error_type, "errorMessage": message}).encode()
