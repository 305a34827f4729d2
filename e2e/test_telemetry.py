"""What the functions report: log lines and metrics, and never a tenant's text."""

import re
import uuid

from e2e.answers import assert_accepted, assert_refused
from e2e.tenant import DEADLINE_SECONDS, Tenant
from rdp.stack import Envelope, LogLine, Part, Stack
from rdp.waiting import wait_until

LOGGER_KEYS = {"level", "location", "message", "timestamp", "service"}
PLATFORM_LINE = re.compile(
    r"(INIT_START|INIT_REPORT|START|END|REPORT|RequestId:|\S+ \S+ Task timed out) |Runtime\.\w+$"
)
# All phone numbers of this suite have this form.
PHONE_NUMBER = re.compile(r"(?<![\w-])555-01\d\d(?!\w)")


def _wait_for(stack: Stack, part: Part, since: float, event: str, phrase: str) -> dict[str, object]:
    """The fields of the one line about this event."""

    def look() -> list[LogLine]:
        lines = stack.logs.of(part, since=since, phrase=phrase)
        return [line for line in lines if line.event == event]

    lines = wait_until(
        look,
        deadline=DEADLINE_SECONDS,
        what=f"{event!r} of {phrase} in the log",
    )
    [line] = lines
    assert line.fields
    return line.fields


def _functions_lines(stack: Stack, since: float) -> list[LogLine]:
    return [line for part in (Part.API, Part.WORKER) for line in stack.logs.of(part, since=since)]


def test_log_lines_follow_a_log_through_the_pipeline(
    stack: Stack, tenant: Tenant, run_started: float
) -> None:
    answer = tenant.post_json(log_id="log-001")
    assert_accepted(answer)

    accepted = _wait_for(stack, Part.API, run_started, "accepted", tenant.name)
    stored = _wait_for(stack, Part.WORKER, run_started, "stored", tenant.name)
    about = {
        "tenant_id": tenant.name,
        "log_id": "log-001",
        "request_id": answer.json()["request_id"],
    }
    assert accepted.items() >= {**about, "service": "api"}.items()
    assert stored.items() >= {**about, "service": "worker"}.items()
    assert stored["message_id"] == accepted["message_id"]
    assert stored["attempt"] == tenant.wait_for_record("log-001").attempt


def test_every_line_is_json_with_the_loggers_keys_or_the_platforms(
    stack: Stack, tenant: Tenant, run_started: float
) -> None:
    assert_accepted(tenant.post_json(log_id="log-001"))
    _wait_for(stack, Part.WORKER, run_started, "stored", tenant.name)

    for line in _functions_lines(stack, run_started):
        if line.fields is None:
            assert PLATFORM_LINE.match(line.text), line
        else:
            assert line.fields.keys() >= LOGGER_KEYS, line


def test_no_line_of_the_run_holds_a_text_or_a_phone_number(
    stack: Stack, tenant: Tenant, run_started: float
) -> None:
    secret = uuid.uuid4().hex[:12]
    text = f"{secret} 555-0123"
    assert_accepted(tenant.post_json(text, log_id="json"))
    assert_accepted(tenant.post_text(text, log_id="555-0173"))
    assert_refused(
        stack.api.post_json({"tenant_id": tenant.name, "555-0166": text}), 400, "unknown"
    )
    assert_refused(stack.api.post_text("call 555-0188", text), 400, "tenant")
    assert_refused(stack.api.request("POST", "/ingest", text.encode()), 415, "content")
    [malformed_id] = tenant.enqueue_all(Envelope(f'{{"text": "{text}"', tenant.name))

    tenant.wait_for_records(2)
    tenant.wait_for_dead_letters(1)
    _wait_for(stack, Part.WORKER, run_started, "failed", malformed_id)
    functions = _functions_lines(stack, run_started)
    assert [line for line in functions if secret in line.text] == []
    assert [line for line in functions if PHONE_NUMBER.search(line.text)] == []


def test_metrics_count_what_happened(stack: Stack, tenant: Tenant, run_started: float) -> None:
    message = tenant.message("log")
    assert_accepted(tenant.post_json())
    assert_refused(tenant.post_json(""), 400, "text")
    tenant.enqueue_all(Envelope.of(message), Envelope.of(message), Envelope("{}", tenant.name))
    tenant.wait_for_records(2)
    tenant.wait_for_dead_letters(1)

    expected = {
        Part.API: {"Accepted", "Rejected"},
        Part.WORKER: {
            *("Stored", "Duplicate", "Retried", "Failed"),
            *("ProcessingSeconds", "EndToEndSeconds"),
        },
    }
    for part, names in expected.items():
        wait_until(
            lambda part=part: _metrics(stack.logs.of(part, since=run_started), part),  # type: ignore[misc]
            names.issubset,
            deadline=DEADLINE_SECONDS,
            what=f"the metrics {names}",
        )


def _metrics(lines: list[LogLine], service: str) -> set[str]:
    """The metrics of EMF lines that have a value, and project and service as their dimensions.

    https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
    """
    return {
        metric["Name"]
        for line in lines
        if line.fields and "_aws" in line.fields and line.fields["service"] == service
        for directive in line.fields["_aws"]["CloudWatchMetrics"]  # type: ignore[index]
        if directive["Namespace"] == "RobustDataProcessor"
        and [{"project", "service"}] == [set(names) for names in directive["Dimensions"]]
        for metric in directive["Metrics"]
        if metric["Name"] in line.fields
    }
