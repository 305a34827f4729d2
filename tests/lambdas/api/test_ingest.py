import json
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given

from pipeline.contract import MAX_TEXT_BYTES
from tests.lambdas.api.client import ApiClient
from tests.lambdas.aws import InMemoryQueue
from tests.lambdas.builders import API_SETTINGS, JSON, RECEIVED_AT, REQUEST_ID, TEXT
from tests.lambdas.journal import Journal
from tests.lambdas.strategies import LOG_IDS, SHARED_FIXTURES, TENANT_IDS, TEXTS


def test_json_is_accepted_once_the_queue_has_it(api: ApiClient, queue: InMemoryQueue) -> None:
    answer = api.post_json(tenant_id="acme", log_id="log-001", text="User 555-0199 logged in")

    assert answer.status == 202
    assert answer.headers == {"Content-Type": "application/json"}
    assert answer.body == {
        "status": "accepted",
        "log_id": "log-001",
        "request_id": REQUEST_ID,
    }
    assert queue.sent_fields() == {
        "tenant_id": "acme",
        "log_id": "log-001",
        "source": "json_upload",
        "text": "User 555-0199 logged in",
        "received_at": RECEIVED_AT,
        "request_id": REQUEST_ID,
    }


def test_text_is_accepted_for_the_tenant_of_the_header(
    api: ApiClient, queue: InMemoryQueue
) -> None:
    answer = api.call(headers=TEXT | {"x-log-id": "log-001"}, body=" line 1\r\nline 2\n")

    assert answer.status == 202
    fields = queue.sent_fields()
    assert (fields["tenant_id"], fields["log_id"]) == ("acme", "log-001")
    assert (fields["source"], fields["text"]) == ("text_upload", " line 1\r\nline 2\n")


@pytest.mark.parametrize(
    "parts",
    [
        {"headers": TEXT, "body": "a"},
        {"headers": JSON, "body": '{"tenant_id": "acme", "text": "a"}'},
    ],
)
def test_log_without_id_gets_a_random_one(
    api: ApiClient, queue: InMemoryQueue, parts: dict[str, Any]
) -> None:
    answers = [api.call(**parts), api.call(**parts)]

    first, second = (UUID(answer.body["log_id"]) for answer in answers)
    assert first.version == second.version == 4
    assert first != second
    assert json.loads(queue.sent[0]["MessageBody"])["log_id"] == str(first)


@SHARED_FIXTURES
@given(tenant_id=TENANT_IDS, log_id=LOG_IDS, text=TEXTS)
def test_any_valid_log_is_published_unchanged(
    api: ApiClient, queue: InMemoryQueue, tenant_id: str, log_id: str, text: str
) -> None:
    queue.sent.clear()

    answer = api.post_json(tenant_id=tenant_id, log_id=log_id, text=text)

    assert answer.status == 202
    fields = queue.sent_fields()
    assert (fields["tenant_id"], fields["log_id"], fields["text"]) == (tenant_id, log_id, text)
    assert queue.sent[0]["MessageGroupId"] == tenant_id


@pytest.mark.parametrize(
    "content_type",
    [
        "application/json; charset=utf-8",
        "Application/JSON",
        'application/json;charset="UTF-8"',
        "application/json ; Charset = utf8 ; version=1",
        "application/json; charset=us-ascii",
        "application/json;",
    ],
)
def test_content_type_may_have_parameters(api: ApiClient, content_type: str) -> None:
    answer = api.call(
        headers={"content-type": content_type}, body='{"tenant_id": "acme", "text": "a"}'
    )

    assert answer.status == 202


@pytest.mark.parametrize(
    ("headers", "fragment"),
    [
        ({}, "No Content-Type: it must be application/json or text/plain"),
        ({"content-type": ""}, "No Content-Type"),
        ({"content-type": "application/xml"}, "'application/xml': it must be application/json or"),
        ({"content-type": "application/problem+json"}, "application/json or text/plain"),
        ({"content-type": "text/html; charset=utf-8"}, "application/json or text/plain"),
        ({"content-type": "application/json, text/plain"}, "application/json or text/plain"),
        ({"content-type": "text/plain; charset=latin-1"}, "charset is 'latin-1': it must be utf-8"),
        ({"content-type": "application/json; charset=utf-16"}, "must be utf-8"),
        ({"content-type": "application/json; charset"}, "must be utf-8"),
    ],
)
def test_other_content_types_are_unsupported(
    api: ApiClient, headers: dict[str, str], fragment: str
) -> None:
    api.call(headers=headers, body="{}").assert_refused(415, fragment)


def test_text_that_the_worker_cannot_process_in_time_is_too_large(api: ApiClient) -> None:
    assert api.post_json(tenant_id="acme", text="ü" * API_SETTINGS.max_text_chars).status == 202

    answer = api.post_json(tenant_id="acme", text="ü" * (API_SETTINGS.max_text_chars + 1))

    answer.assert_refused(413, "1,001 characters: at most 1,000 can be processed")


def test_text_that_does_not_fit_in_an_item_is_too_large(
    queue: InMemoryQueue, journal: Journal
) -> None:
    api = ApiClient.create(queue, journal.telemetry, max_text_chars=10**9)

    answer = api.call(headers=TEXT, body="a" * (MAX_TEXT_BYTES + 1))

    answer.assert_refused(413, "can be stored")


def test_message_that_the_queue_cannot_take_is_too_large(
    queue: InMemoryQueue, journal: Journal
) -> None:
    api = ApiClient.create(queue, journal.telemetry, max_text_chars=10**9)
    # JSON writes each of these characters with six.
    text = "\x01" * 100_000

    answer = api.call(headers=TEXT, body=text)

    answer.assert_refused(413, "the queue takes at most 262,144")
