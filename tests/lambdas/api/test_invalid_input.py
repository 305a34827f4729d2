"""Requests that break the contract."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.lambdas.api.client import ApiClient
from tests.lambdas.aws import InMemoryQueue
from tests.lambdas.builders import JSON, TEXT
from tests.lambdas.strategies import JSON_VALUES, SHARED_FIXTURES


@pytest.mark.parametrize(
    ("body", "fragment"),
    [
        (None, "Not JSON"),
        ("", "Not JSON"),
        ("{", "Not JSON: Expecting property name enclosed in double quotes at line 1, column 2"),
        ("[]", "must be an object"),
        ("[" * 100_000, "nested too deeply"),
        ('{"tenant_id": ' + "9" * 5_000 + "}", "too many digits"),
        ('{"tenant_id": "a", "tenant_id": "b", "text": "c"}', "'tenant_id' appears twice"),
        ('{"tenant_id": "acme", "text": NaN}', "NaN"),
        ("{}", "Missing field 'tenant_id'"),
        ('{"tenant_id": "acme"}', "Missing field 'text'"),
        ('{"tenant_id": "acme", "text": "a", "txt": "b"}', "Unknown field 'txt': the fields are"),
        ('{"tenant_id": "acme", "text": "a", "source": "fax"}', "Unknown field 'source'"),
        ('{"tenant_id": "acme", "text": "a", "\\ud83d": ""}', "Unknown field"),
        ('{"tenant_id": 7, "text": "a"}', "'tenant_id' is a number"),
        ('{"tenant_id": "ac me", "text": "a"}', "tenant_id is 'ac me'"),
        ('{"tenant_id": "acme", "text": "a", "log_id": null}', "'log_id' is null"),
        ('{"tenant_id": "acme", "text": "a", "log_id": ""}', "log_id is ''"),
        ('{"tenant_id": "acme", "text": "a", "log_id": "a\\nb"}', "printable"),
        ('{"tenant_id": "acme", "text": ["a"]}', "'text' is an array"),
        ('{"tenant_id": "acme", "text": " "}', "Empty text"),
        ('{"tenant_id": "acme", "text": "\\ud83d"}', "surrogate"),
    ],
)
def test_json_that_breaks_the_contract_is_refused(
    api: ApiClient, queue: InMemoryQueue, body: str | None, fragment: str
) -> None:
    api.call(headers=JSON, body=body).assert_refused(400, fragment)
    assert queue.sent == []


@pytest.mark.parametrize(
    ("headers", "body", "fragment"),
    [
        ({"content-type": "text/plain"}, "a", "Missing header 'X-Tenant-ID'"),
        (TEXT | {"x-tenant-id": ""}, "a", "tenant_id is ''"),
        (TEXT | {"x-tenant-id": "acme,globex"}, "a", "tenant_id is 'acme,globex'"),
        (TEXT | {"x-log-id": ""}, "a", "log_id is ''"),
        (TEXT | {"x-log-id": "l" * 257}, "a", "1 to 256 printable"),
        (TEXT, None, "Empty text"),
        (TEXT, "\n \t", "Empty text"),
    ],
)
def test_text_that_breaks_the_contract_is_refused(
    api: ApiClient, headers: dict[str, str], body: str | None, fragment: str
) -> None:
    api.call(headers=headers, body=body).assert_refused(400, fragment)


@SHARED_FIXTURES
@given(value=JSON_VALUES)
def test_any_json_value_is_a_400(api: ApiClient, value: object) -> None:
    assert api.call(headers=JSON, body=json.dumps(value)).status == 400


@SHARED_FIXTURES
@given(field=st.sampled_from(["tenant_id", "log_id", "text", "other"]), value=JSON_VALUES)
def test_any_value_of_any_field_gets_an_answer_below_500(
    api: ApiClient, field: str, value: object
) -> None:
    fields = {"tenant_id": "acme", "text": "a"} | {field: value}

    assert api.call(headers=JSON, body=json.dumps(fields)).status in (202, 400)


@SHARED_FIXTURES
@given(
    body=st.text(st.characters()),
    headers=st.dictionaries(
        st.sampled_from(["content-type", "x-tenant-id", "x-log-id"]),
        st.sampled_from(["application/json", "text/plain", "acme"]) | st.text(),
    ),
    is_base64=st.booleans(),
)
def test_any_request_gets_an_answer_below_500(
    api: ApiClient, body: str, headers: dict[str, str], is_base64: bool
) -> None:
    assert api.call(headers=headers, body=body, is_base64=is_base64).status < 500
