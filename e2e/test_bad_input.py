"""What the API refuses, with which status and message."""

import json
from typing import NamedTuple

import pytest

from e2e.answers import assert_refused
from e2e.tenant import Tenant
from rdp.stack import Stack


class Bad(NamedTuple):
    name: str
    status: int
    fragment: str
    """Part of the answer's message."""
    body: bytes
    headers: dict[str, str]


def _json(name: str, fragment: str, body: bytes) -> Bad:
    return Bad(name, 400, fragment, body, {"Content-Type": "application/json"})


def _fields(name: str, fragment: str, **changes: object) -> Bad:
    """A valid log with changed fields; a change to `...` removes the field."""
    fields = {"tenant_id": "acme", "log_id": "log-001", "text": "hello"} | changes
    kept = {key: value for key, value in fields.items() if value is not ...}
    return _json(name, fragment, json.dumps(kept).encode())


def _text(name: str, fragment: str, body: bytes = b"hello", **headers: str) -> Bad:
    named = {key.replace("_", "-"): value for key, value in headers.items()}
    return Bad(name, 400, fragment, body, {"Content-Type": "text/plain"} | named)


def _media_type(name: str, fragment: str, headers: dict[str, str]) -> Bad:
    return Bad(name, 415, fragment, b"hello", {"X-Tenant-ID": "acme"} | headers)


BAD = [
    _json("empty body", "JSON", b""),
    _json("truncated JSON", "JSON", b'{"tenant_id": "acme", "te'),
    _json("an array", "object", b"[]"),
    _json("a string", "object", b'"hello"'),
    _json("null", "object", b"null"),
    _json("nothing but text", "JSON", b"hello"),
    _json("two objects", "JSON", b"{}{}"),
    _json("NaN", "NaN", b'{"tenant_id": "acme", "text": NaN}'),
    _json("nested too deeply", "nested", b"[" * 100_000),
    _json("too many digits", "digits", b'{"tenant_id": ' + b"9" * 5_000 + b"}"),
    _json("a name twice", "tenant_id", b'{"tenant_id": "a", "tenant_id": "b", "text": "c"}'),
    _json("an empty object", "missing", b"{}"),
    _fields("an unknown field", "'txt'", txt="hello"),
    _fields("no tenant", "tenant_id", tenant_id=...),
    _fields("tenant is null", "tenant_id", tenant_id=None),
    _fields("tenant is a number", "tenant_id", tenant_id=7),
    _fields("tenant is empty", "tenant_id", tenant_id=""),
    _fields("tenant holds a space", "tenant_id", tenant_id="ac me"),
    _fields("tenant holds a slash", "tenant_id", tenant_id="../acme"),
    _fields("tenant starts with a dot", "tenant_id", tenant_id=".acme"),
    _fields("tenant ends with a line feed", "tenant_id", tenant_id="acme\n"),
    _fields("tenant is not ASCII", "tenant_id", tenant_id="acm\u00e9"),
    _fields("tenant too long", "128", tenant_id="a" * 129),
    _fields("log id is null", "log_id", log_id=None),
    _fields("log id is a number", "log_id", log_id=1),
    _fields("log id is empty", "log_id", log_id=""),
    _fields("log id holds a control character", "log_id", log_id="log\x07"),
    _fields("log id too long", "256", log_id="l" * 257),
    _fields("no text", "text", text=...),
    _fields("text is null", "text", text=None),
    _fields("text is an object", "text", text={"a": 1}),
    _fields("text is empty", "text", text=""),
    _fields("text is white space", "text", text=" \n\t"),
    _fields("half a surrogate pair", "surrogate", text="\ud83d"),
    _text("text without tenant", "X-Tenant-ID"),
    _text("text with a bad tenant", "tenant_id", X_Tenant_ID="ac me"),
    _text("text with an empty tenant", "tenant", X_Tenant_ID=""),
    _text("text with a log id too long", "256", X_Tenant_ID="acme", X_Log_ID="l" * 257),
    _text("text upload without text", "empty", b"", X_Tenant_ID="acme"),
    _media_type("no content type", "application/json", {}),
    _media_type("XML", "text/plain", {"Content-Type": "application/xml"}),
    _media_type("a form", "text/plain", {"Content-Type": "application/x-www-form-urlencoded"}),
    _media_type("another charset", "utf-8", {"Content-Type": "text/plain; charset=utf-16"}),
]


@pytest.mark.parametrize("bad", BAD, ids=[bad.name for bad in BAD])
def test_bad_input_is_refused(stack: Stack, bad: Bad) -> None:
    answer = stack.api.request("POST", "/ingest", bad.body, bad.headers)

    assert_refused(answer, bad.status, bad.fragment)


def test_bytes_that_are_not_utf8_are_refused(stack: Stack) -> None:
    if stack.target == "aws":
        pytest.skip("how API Gateway hands on bytes that are not UTF-8 is not documented")
    headers = {"Content-Type": "text/plain", "X-Tenant-ID": "acme"}

    assert_refused(stack.api.request("POST", "/ingest", b"caf\xe9", headers), 400, "UTF-8")


def test_text_longer_than_the_limit_is_refused_with_the_limit(stack: Stack, tenant: Tenant) -> None:
    limit = stack.max_text_chars
    if limit > 1_000_000:
        pytest.skip(f"{limit:,} characters do not fit in one request")
    text = "a" * (limit + 1)

    assert_refused(tenant.post_json(text), 413, f"{limit:,}")
    assert_refused(tenant.post_text(text), 413, f"{limit:,}")


def test_what_was_refused_leaves_no_trace(tenant: Tenant) -> None:
    assert_refused(tenant.post_json("", log_id="refused"), 400, "text")
    tenant.post_json(log_id="accepted")

    tenant.wait_for_record("accepted")
    assert [record.log_id for record in tenant.records()] == ["accepted"]
