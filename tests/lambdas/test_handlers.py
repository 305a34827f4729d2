"""The functions as Lambda calls them: with an event and a context."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from aws_lambda_powertools import Metrics
from botocore.session import get_session

import api.handler
import worker.handler
from pipeline.environment import SettingsError
from tests.lambdas.aws import LONG_QUEUE_URL, InMemoryQueue, InMemoryTable
from tests.lambdas.builders import (
    API_ENVIRONMENT,
    LAMBDA_CONTEXT,
    TEXT,
    WORKER_ENVIRONMENT,
    http_event,
    message_body,
    sqs_record,
)

VARIABLES = {
    **API_ENVIRONMENT,
    **WORKER_ENVIRONMENT,
    "PROCESSING_SECONDS_PER_CHAR": "0",
    "PROJECT": "test",
    "POWERTOOLS_SERVICE_NAME": "test-handlers",
    "POWERTOOLS_METRICS_NAMESPACE": "Test",
}
# Terraform's tests compare it with the functions' variables, the alarms and the dashboard.
METRICS = json.loads(Path("infra/tests/metrics.json").read_text())


@pytest.fixture(autouse=True)
def environment(
    monkeypatch: pytest.MonkeyPatch, queue: InMemoryQueue, table: InMemoryTable
) -> Iterator[None]:
    """The functions' variables, and a session whose clients talk to the services in memory."""
    for key, value in VARIABLES.items():
        monkeypatch.setenv(key, value)
    session = get_session()
    session.set_credentials("test", "test")
    session.set_config_variable("region", "us-east-1")
    session.register("before-send.sqs", queue.answer)
    session.register("before-send.dynamodb", table.answer)
    monkeypatch.setattr(api.handler, "get_session", lambda: session)
    monkeypatch.setattr(worker.handler, "get_session", lambda: session)
    yield
    api.handler._api.cache_clear()
    worker.handler._workers.cache_clear()
    # Powertools keeps them in the class.
    metrics = Metrics()
    metrics.clear_default_dimensions()
    metrics.provider.clear_metrics()


def test_worker_stores_what_the_api_accepted(queue: InMemoryQueue, table: InMemoryTable) -> None:
    event = http_event(headers=TEXT, body="User 555-0199 logged in")
    accepted = api.handler.handler(event, LAMBDA_CONTEXT)
    assert accepted["statusCode"] == 202
    record = sqs_record("message-1", queue.sent[0]["MessageBody"])

    response = worker.handler.handler({"Records": [record]}, LAMBDA_CONTEXT)

    assert response == {"batchItemFailures": []}
    [item] = table.items
    assert item["tenant_id"] == {"S": "acme"}
    assert item["log_id"] == {"S": json.loads(accepted["body"])["log_id"]}
    assert item["modified_data"] == {"S": "User [REDACTED] logged in"}
    assert item["worker_id"] == {"S": LAMBDA_CONTEXT.log_stream_name}
    assert queue.deleted == ["message-1-handle"]


@pytest.mark.parametrize("attempt", [1, 2], ids=["in a thread", "in a child process"])
def test_numbers_of_the_configured_regions_are_redacted(
    monkeypatch: pytest.MonkeyPatch, queue: InMemoryQueue, table: InMemoryTable, attempt: int
) -> None:
    monkeypatch.setenv("REDACTION_REGIONS", "DE,PL")
    event = http_event(headers=TEXT, body="601 234 567 logged in")
    api.handler.handler(event, LAMBDA_CONTEXT)
    record = sqs_record("message-1", queue.sent[0]["MessageBody"])
    record["attributes"]["ApproximateReceiveCount"] = str(attempt)

    worker.handler.handler({"Records": [record]}, LAMBDA_CONTEXT)

    [item] = table.items
    assert item["modified_data"] == {"S": "[REDACTED] logged in"}


def test_worker_answers_with_the_messages_that_failed() -> None:
    records = [sqs_record("message-1", "[]"), sqs_record("message-2", "")]

    response = worker.handler.handler({"Records": records}, LAMBDA_CONTEXT)

    assert response == {
        "batchItemFailures": [{"itemIdentifier": "message-1"}, {"itemIdentifier": "message-2"}]
    }


def test_worker_answers_to_the_queue_that_the_messages_come_from(queue: InMemoryQueue) -> None:
    record = sqs_record("message-1", message_body())
    record["eventSourceARN"] = record["eventSourceARN"].replace(":queue", ":long-queue")

    worker.handler.handler({"Records": [record]}, LAMBDA_CONTEXT)

    [deletion] = queue.requests["DeleteMessageBatch"]
    assert deletion["QueueUrl"] == LONG_QUEUE_URL


def test_messages_of_an_unknown_queue_end_the_invocation() -> None:
    record = sqs_record("message-1", message_body())
    record["eventSourceARN"] = "arn:aws:sqs:us-east-1:123456789012:other"

    with pytest.raises(SettingsError, match=r"come from arn:aws:sqs:.*:other: QUEUE_URL and"):
        worker.handler.handler({"Records": [record]}, LAMBDA_CONTEXT)


def test_message_attribute_injects_a_fault(
    monkeypatch: pytest.MonkeyPatch, queue: InMemoryQueue, table: InMemoryTable
) -> None:
    monkeypatch.setenv("FAULT_INJECTION", "true")
    api.handler.handler(http_event(headers=TEXT, body="a"), LAMBDA_CONTEXT)
    faulty = sqs_record("message-1", queue.sent[0]["MessageBody"], kind="transient")

    response = worker.handler.handler({"Records": [faulty]}, LAMBDA_CONTEXT)

    assert response == {"batchItemFailures": [{"itemIdentifier": "message-1"}]}
    assert table.items == []


def test_wrong_setting_ends_the_invocation(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MAX_TEXT_CHARS", "many")

    with pytest.raises(SettingsError, match="MAX_TEXT_CHARS is 'many'"):
        api.handler.handler(http_event("GET", "/health"), LAMBDA_CONTEXT)


def test_metrics_of_the_api_are_those_that_the_dashboard_shows(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], queue: InMemoryQueue
) -> None:
    _set_variables(monkeypatch, METRICS["api"])

    api.handler.handler(http_event(headers=TEXT, body="a"), LAMBDA_CONTEXT)
    api.handler.handler(http_event(headers=TEXT, body=""), LAMBDA_CONTEXT)
    queue.refuses("SendMessage", "AccessDenied")
    api.handler.handler(http_event(headers=TEXT, body="a"), LAMBDA_CONTEXT)
    queue.waiting[LONG_QUEUE_URL] = int(VARIABLES["MAX_LONG_BACKLOG"]) + 1
    long = "a" * (int(VARIABLES["MAX_SHORT_CHARS"]) + 1)
    api.handler.handler(http_event(headers=TEXT, body=long), LAMBDA_CONTEXT)

    assert _metrics_of(METRICS["api"], capsys.readouterr().out) >= set(METRICS["api"]["names"])


def test_metrics_of_the_worker_are_those_that_alarm_and_dashboard_watch(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], table: InMemoryTable
) -> None:
    _set_variables(monkeypatch, METRICS["worker"])
    last = sqs_record("last", "")
    last["attributes"]["ApproximateReceiveCount"] = "5"
    records = [sqs_record("stored", message_body()), sqs_record("retried", ""), last]

    worker.handler.handler({"Records": records}, LAMBDA_CONTEXT)
    table.holds_a_later_log()
    worker.handler.handler({"Records": [sqs_record("late", message_body())]}, LAMBDA_CONTEXT)

    written = _metrics_of(METRICS["worker"], capsys.readouterr().out)
    assert written >= set(METRICS["worker"]["names"])


def _set_variables(monkeypatch: pytest.MonkeyPatch, expected: dict[str, Any]) -> None:
    for key, value in expected["environment"].items():
        monkeypatch.setenv(key, value)


def _metrics_of(expected: dict[str, Any], printed: str) -> set[str]:
    """The names of the printed EMF lines' metrics, all in this namespace with these dimensions.

    CloudWatch finds a metric only by all of its dimensions.
    """
    lines = [json.loads(line) for line in printed.splitlines()]
    names: set[str] = set()
    for line in [line for line in lines if "_aws" in line]:
        [directive] = line["_aws"]["CloudWatchMetrics"]
        [dimensions] = directive["Dimensions"]
        assert directive["Namespace"] == expected["namespace"]
        assert {name: line[name] for name in dimensions} == expected["dimensions"]
        names |= {metric["Name"] for metric in directive["Metrics"]}
    return names
