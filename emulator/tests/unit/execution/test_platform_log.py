"""https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs-advanced.html"""

import json
import re
from typing import Any

import pytest

from localstack_serverless.execution.platform_log import Invocation, platform_log


def invocation(**changes: Any) -> Invocation:
    fields: dict[str, Any] = {
        "request_id": "id",
        "status": "success",
        "seconds": 0.0123,
        "memory_mb": 128,
        "peak_memory_mb": 64,
        "init_seconds": None,
    }
    return Invocation(**{**fields, **changes})


def events(lines: str) -> dict[str, dict[str, Any]]:
    parsed = [json.loads(line) for line in lines.splitlines()]
    return {event["type"].removeprefix("platform."): event["record"] for event in parsed}


def json_log(level: str) -> Any:
    return platform_log({"LogFormat": "JSON", "SystemLogLevel": level})


def test_text_report_of_a_warm_invocation() -> None:
    assert platform_log({}).end(invocation()) == (
        "END RequestId: id\n"
        "REPORT RequestId: id\tDuration: 12.30 ms\tBilled Duration: 13 ms\tMemory Size: 128 MB\t"
        "Max Memory Used: 64 MB\t\n"
    )


def test_text_report_has_the_init_of_a_cold_one() -> None:
    assert "\tInit Duration: 500.00 ms\t" in platform_log({}).end(invocation(init_seconds=0.5))


def test_text_log_of_a_timeout() -> None:
    lines = platform_log({}).end(invocation(status="timeout", problem="Task timed out"))
    assert re.match(r"\S+Z id Task timed out\n\nEND RequestId: id\n", lines)
    assert lines.endswith("\tStatus: timeout\t\n")


def test_text_log_has_the_error_of_a_process_that_ended() -> None:
    lines = platform_log({}).end(
        invocation(status="error", error_type="Runtime.ExitError", problem="exit status 1")
    )
    assert lines.startswith("RequestId: id Error: exit status 1\nRuntime.ExitError\nEND")
    assert lines.endswith("\tStatus: error\tError Type: Runtime.ExitError\t\n")


def test_json_log_at_debug_has_everything() -> None:
    log = json_log("DEBUG")
    lines = log.init_start("python3.11") + log.start("id", "$LATEST") + log.end(invocation())
    assert [*events(lines)] == ["initStart", "start", "runtimeDone", "report"]
    assert events(lines)["initStart"]["runtimeVersion"] == "python:3.11"
    assert events(lines)["report"]["metrics"] == {
        "durationMs": 12.3,
        "billedDurationMs": 13,
        "memorySizeMB": 128,
        "maxMemoryUsedMB": 64,
    }


@pytest.mark.parametrize(
    ("level", "succeeded", "failed"),
    [
        ("INFO", ["start", "report"], ["start", "runtimeDone", "report"]),
        ("WARN", [], ["runtimeDone", "report"]),
    ],
)
def test_json_log_omits_what_is_below_its_level(
    level: str, succeeded: list[str], failed: list[str]
) -> None:
    log = json_log(level)
    start = log.start("id", "$LATEST")
    assert [*events(start + log.end(invocation()))] == succeeded
    failure = invocation(status="failure", error_type="Unhandled")
    assert [*events(start + log.end(failure))] == failed
    assert events(log.end(failure))["report"]["errorType"] == "Unhandled"
