"""The functions as Lambda calls them: an event and a context in, a response out."""

import json
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from botocore.session import get_session

import api.handler
import worker.handler
from pipeline.settings import SettingsError
from tests.lambdas.api.test_api import TEXT, event
from tests.lambdas.aws import InMemoryQueue, InMemoryTable
from tests.lambdas.pipeline.test_settings import API, WORKER
from worker.delivery import SqsRecord

CONTEXT: Any = SimpleNamespace(
    aws_request_id="lambda-request-id",
    log_stream_name="2026/11/22/[$LATEST]0123456789abcdef",
    get_remaining_time_in_millis=lambda: 60_000,
)
POWERTOOLS = {
    "POWERTOOLS_SERVICE_NAME": "test-handlers",
    "POWERTOOLS_METRICS_NAMESPACE": "Test",
}


@pytest.fixture(autouse=True)
def environment(
    monkeypatch: pytest.MonkeyPatch, queue: InMemoryQueue, table: InMemoryTable
) -> Iterator[None]:
    """The functions' variables, and a session whose clients all speak to the services in memory."""
    for key, value in (API | WORKER | POWERTOOLS | {"PROCESSING_SECONDS_PER_CHAR": "0"}).items():
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
    worker.handler._worker.cache_clear()


def record(number: int, body: str) -> SqsRecord:
    return {
        "messageId": f"message-{number}",
        "receiptHandle": f"receipt-{number}",
        "body": body,
        "attributes": {"ApproximateReceiveCount": "1"},
    }


def test_what_the_api_accepts_the_worker_stores(queue: InMemoryQueue, table: InMemoryTable) -> None:
    accepted = api.handler.handler(event(headers=TEXT, body="User 555-0199 logged in"), CONTEXT)
    assert accepted["statusCode"] == 202
    [sent] = queue.sent

    response = worker.handler.handler({"Records": [record(1, sent["MessageBody"])]}, CONTEXT)

    assert response == {"batchItemFailures": []}
    [item] = table.items
    assert item["tenant_id"] == {"S": "acme"}
    assert item["log_id"] == {"S": json.loads(accepted["body"])["log_id"]}
    assert item["modified_data"] == {"S": "User [REDACTED] logged in"}
    assert item["worker_id"] == {"S": CONTEXT.log_stream_name}
    assert queue.deleted == ["receipt-1"]


def test_worker_answers_with_the_messages_that_failed() -> None:
    response = worker.handler.handler({"Records": [record(1, "[]"), record(2, "")]}, CONTEXT)

    assert response == {
        "batchItemFailures": [{"itemIdentifier": "message-1"}, {"itemIdentifier": "message-2"}]
    }


def test_fault_travels_as_a_message_attribute(
    monkeypatch: pytest.MonkeyPatch, queue: InMemoryQueue, table: InMemoryTable
) -> None:
    monkeypatch.setenv("FAULT_INJECTION", "true")
    api.handler.handler(event(headers=TEXT, body="a"), CONTEXT)
    faulty = record(1, queue.sent[0]["MessageBody"])
    faulty["messageAttributes"] = {"Fault": {"stringValue": '{"kind": "transient"}'}}

    response = worker.handler.handler({"Records": [faulty]}, CONTEXT)

    assert response == {"batchItemFailures": [{"itemIdentifier": "message-1"}]}
    assert table.items == []


def test_setting_that_is_wrong_ends_the_call(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MAX_TEXT_CHARS", "many")

    with pytest.raises(SettingsError, match="MAX_TEXT_CHARS is 'many'"):
        api.handler.handler(event("GET", "/health"), CONTEXT)
