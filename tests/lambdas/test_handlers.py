"""The functions as Lambda calls them: with an event and a context."""

import json
from collections.abc import Iterator

import pytest
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
    "POWERTOOLS_SERVICE_NAME": "test-handlers",
    "POWERTOOLS_METRICS_NAMESPACE": "Test",
}


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
