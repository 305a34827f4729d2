"""The lines that Lambda itself writes to a function's log, as text or as JSON.

https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs-advanced.html
https://docs.aws.amazon.com/lambda/latest/dg/telemetry-schema-reference.html
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from math import ceil
from typing import Any, Protocol

LEVELS = ("DEBUG", "INFO", "WARN")


@dataclass(frozen=True)
class Invocation:
    """How an invocation ended.

    :param status: success, failure (the handler raised), error (the process ended) or timeout
    :param problem: the message for an error or a timeout
    :param init_seconds: None if the environment was warm
    """

    request_id: str
    status: str
    seconds: float
    memory_mb: int
    peak_memory_mb: int
    init_seconds: float | None
    error_type: str = ""
    problem: str = ""


class PlatformLog(Protocol):
    """Each method returns the lines to write; empty for none."""

    def init_start(self, runtime: str) -> str: ...

    def start(self, request_id: str, version: str) -> str: ...

    def end(self, invocation: Invocation) -> str: ...


class TextLog:
    def init_start(self, runtime: str) -> str:
        return f"INIT_START Runtime Version: {_runtime_version(runtime)}\n"

    def start(self, request_id: str, version: str) -> str:
        return f"START RequestId: {request_id} Version: {version}\n"

    def end(self, invocation: Invocation) -> str:
        lines = [*self._problem(invocation), f"END RequestId: {invocation.request_id}"]
        return "\n".join([*lines, self._report(invocation)]) + "\n"

    @staticmethod
    def _problem(invocation: Invocation) -> list[str]:
        if invocation.status == "timeout":
            return [f"{_now()} {invocation.request_id} {invocation.problem}", ""]
        if invocation.status == "error":
            return [
                f"RequestId: {invocation.request_id} Error: {invocation.problem}",
                invocation.error_type,
            ]
        return []

    @staticmethod
    def _report(invocation: Invocation) -> str:
        fields = [
            f"REPORT RequestId: {invocation.request_id}",
            f"Duration: {invocation.seconds * 1000:.2f} ms",
            f"Billed Duration: {ceil(invocation.seconds * 1000)} ms",
            f"Memory Size: {invocation.memory_mb} MB",
            f"Max Memory Used: {invocation.peak_memory_mb} MB",
        ]
        if invocation.init_seconds is not None:
            fields.append(f"Init Duration: {invocation.init_seconds * 1000:.2f} ms")
        if invocation.status in ("timeout", "error"):
            fields.append(f"Status: {invocation.status}")
        if invocation.status == "error":
            fields.append(f"Error Type: {invocation.error_type}")
        return "\t".join(fields) + "\t"


class JsonLog:
    """Omits lines below the function's system log level, and the spans of runtimeDone."""

    def __init__(self, level: str) -> None:
        self._level = LEVELS.index(level)

    def init_start(self, runtime: str) -> str:
        record = {
            "initializationType": "on-demand",
            "phase": "init",
            "runtimeVersion": _runtime_version(runtime),
        }
        return self._line("INFO", "platform.initStart", record)

    def start(self, request_id: str, version: str) -> str:
        return self._line("INFO", "platform.start", {"requestId": request_id, "version": version})

    def end(self, invocation: Invocation) -> str:
        succeeded = invocation.status == "success"
        ending = {"status": invocation.status}
        if invocation.error_type:
            ending["errorType"] = invocation.error_type
        milliseconds = round(invocation.seconds * 1000, 3)
        done = {
            "requestId": invocation.request_id,
            "metrics": {"durationMs": milliseconds},
            **ending,
        }
        metrics: dict[str, float] = {
            "durationMs": milliseconds,
            "billedDurationMs": ceil(milliseconds),
            "memorySizeMB": invocation.memory_mb,
            "maxMemoryUsedMB": invocation.peak_memory_mb,
        }
        if invocation.init_seconds is not None:
            metrics["initDurationMs"] = round(invocation.init_seconds * 1000, 3)
        report = {"requestId": invocation.request_id, "metrics": metrics, **ending}
        return self._line(
            "DEBUG" if succeeded else "WARN", "platform.runtimeDone", done
        ) + self._line("INFO" if succeeded else "WARN", "platform.report", report)

    def _line(self, level: str, event_type: str, record: Mapping[str, Any]) -> str:
        if LEVELS.index(level) < self._level:
            return ""
        event = {"time": _now(), "type": event_type, "record": record}
        return json.dumps(event, separators=(",", ":")) + "\n"


def platform_log(logging_config: Mapping[str, str]) -> PlatformLog:
    """The log in the format of the function's logging configuration."""
    if logging_config.get("LogFormat") == "JSON":
        return JsonLog(logging_config.get("SystemLogLevel", "INFO"))
    return TextLog()


def _runtime_version(runtime: str) -> str:
    return runtime.replace("python", "python:")


def _now() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"
