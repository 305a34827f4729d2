"""A log goes in at the API and comes out redacted in the table."""

import pytest

from e2e.answers import assert_accepted, assert_refused, is_random_uuid
from e2e.tenant import REDACTED_TEXT, TEXT, Tenant
from rdp.stack import Stack


def test_json_log_becomes_a_redacted_record(tenant: Tenant) -> None:
    answer = tenant.post_json(log_id="log-001")

    assert assert_accepted(answer) == "log-001"
    record = tenant.wait_for_record("log-001")
    assert record.source == "json_upload"
    assert record.original_text == TEXT
    assert record.modified_data == REDACTED_TEXT
    assert record.request_id == answer.json()["request_id"]
    assert record.received_at < record.processed_at
    assert record.worker_id
    assert record.attempt >= 1


def test_text_log_becomes_a_redacted_record(tenant: Tenant) -> None:
    answer = tenant.post_text(log_id="log-001")

    assert assert_accepted(answer) == "log-001"
    record = tenant.wait_for_record("log-001")
    assert record.source == "text_upload"
    assert record.original_text == TEXT
    assert record.modified_data == REDACTED_TEXT
    assert record.request_id == answer.json()["request_id"]


def test_log_without_id_gets_a_random_uuid(tenant: Tenant) -> None:
    log_ids = [assert_accepted(tenant.post_json()), assert_accepted(tenant.post_text())]

    assert all(map(is_random_uuid, log_ids))
    assert {record.log_id for record in tenant.wait_for_records(2)} == set(log_ids)


def test_text_survives_unchanged(tenant: Tenant) -> None:
    texts = {
        "lines": "a\r\nb\n\tc",
        "spaces": "  a  ",
        "unicode": "\u00e9\u4e16\U0001f680",
        "control": "a\x00\x07b",
        "noncharacters": "\ufffe\uffff",
        "escapes": '"\\u0041"',
    }

    for log_id, text in texts.items():
        assert_accepted(tenant.post_json(text, log_id=log_id))

    records = tenant.wait_for_records(len(texts))
    assert {record.log_id: record.original_text for record in records} == texts


@pytest.mark.parametrize("content_type", ["text/plain", "Text/Plain; charset=UTF-8"])
def test_headers_count_in_any_case(stack: Stack, tenant: Tenant, content_type: str) -> None:
    headers = {"content-type": content_type, "x-tenant-id": tenant.name, "x-LOG-id": "log-001"}

    answer = stack.api.request("POST", "/ingest", "\u00e9".encode(), headers)

    assert assert_accepted(answer) == "log-001"
    assert tenant.wait_for_record("log-001").original_text == "\u00e9"


def test_health(stack: Stack) -> None:
    answer = stack.api.request("GET", "/health")

    assert answer.status_code == 200
    assert answer.json()["status"] == "ok"


@pytest.mark.parametrize("path", ["/", "/ingest/", "/ingest/acme", "/nothing"])
def test_unknown_path(stack: Stack, path: str) -> None:
    assert_refused(stack.api.request("POST", path), 404, path)


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [("GET", "/ingest", "POST"), ("PUT", "/ingest", "POST"), ("POST", "/health", "GET")],
)
def test_wrong_method(stack: Stack, method: str, path: str, allowed: str) -> None:
    answer = stack.api.request(method, path)

    assert_refused(answer, 405, allowed)
    assert answer.headers["Allow"] == allowed
