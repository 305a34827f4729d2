import base64
import json
from collections.abc import Callable
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any, NamedTuple
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from api.app import Api
from api.request import Request
from pipeline.contract import MAX_TEXT_BYTES
from pipeline.queue import Queue
from pipeline.settings import ApiSettings
from tests.lambdas.aws import QUEUE_URL, InMemoryQueue
from tests.lambdas.fixtures import Journal
from tests.lambdas.strategies import JSON_VALUES, LOG_IDS, TENANT_IDS, TEXTS

JSON = {"content-type": "application/json"}
TEXT = {"content-type": "text/plain", "x-tenant-id": "acme"}
MAX_TEXT_CHARS = 1_000
# The fixtures are the same for every example: nothing of an example is left in them that matters.
SHARED_FIXTURES = settings(suppress_health_check=[HealthCheck.function_scoped_fixture])


class Answer(NamedTuple):
    status: int
    headers: dict[str, str]
    body: dict[str, str]


Call = Callable[..., Answer]


def event(
    method: str = "POST",
    path: str = "/ingest",
    headers: dict[str, str] | None = None,
    body: str | None = None,
    is_base64: bool = False,
) -> dict[str, Any]:
    """Of the HTTP API, payload format 2.0, without the parts that the API does not look at."""
    return {
        "version": "2.0",
        "rawPath": path,
        "headers": headers or {},
        "requestContext": {"requestId": "JKJaXmPLvHcESHA=", "http": {"method": method}},
        **({"body": body} if body is not None else {}),
        "isBase64Encoded": is_base64,
    }


@pytest.fixture
def call(queue: InMemoryQueue, journal: Journal) -> Call:
    api = Api(
        ApiSettings(queue_url=QUEUE_URL, max_text_chars=MAX_TEXT_CHARS, max_message_bytes=262_144),
        Queue(queue.client, QUEUE_URL),
        journal.telemetry,
    )

    def respond(**parts: Any) -> Answer:
        response = api.respond(Request.from_event(event(**parts), "lambda-request-id"))
        return Answer(response["statusCode"], response["headers"], json.loads(response["body"]))

    return respond


def post_fields(call: Call, **fields: Any) -> Answer:
    return call(headers=JSON, body=json.dumps(fields))


def assert_refused(answer: Answer, status: int, fragment: str) -> None:
    assert answer.status == status, answer
    assert answer.headers["Content-Type"] == "application/json"
    assert answer.body.keys() == {"error", "message", "request_id"}
    assert answer.body["error"] == HTTPStatus(status).phrase
    assert fragment in answer.body["message"]
    assert answer.body["request_id"] == "JKJaXmPLvHcESHA="


def sent(queue: InMemoryQueue) -> dict[str, str]:
    """The fields of the one message that was published."""
    [message] = queue.sent
    fields: dict[str, str] = json.loads(message["MessageBody"])
    return fields


def test_json_is_accepted_once_the_queue_has_it(call: Call, queue: InMemoryQueue) -> None:
    before = datetime.now(UTC)

    answer = post_fields(call, tenant_id="acme", log_id="log-001", text="User 555-0199 logged in")

    assert answer.status == 202
    assert answer.headers == {"Content-Type": "application/json"}
    assert answer.body == {
        "status": "accepted",
        "log_id": "log-001",
        "request_id": "JKJaXmPLvHcESHA=",
    }
    fields = sent(queue)
    assert before <= datetime.fromisoformat(fields.pop("received_at")) <= datetime.now(UTC)
    assert fields == {
        "tenant_id": "acme",
        "log_id": "log-001",
        "source": "json_upload",
        "text": "User 555-0199 logged in",
        "request_id": "JKJaXmPLvHcESHA=",
    }


def test_text_is_accepted_under_the_headers_tenant(call: Call, queue: InMemoryQueue) -> None:
    answer = call(headers=TEXT | {"x-log-id": "log-001"}, body=" line 1\r\nline 2\n")

    assert answer.status == 202
    fields = sent(queue)
    assert (fields["tenant_id"], fields["log_id"]) == ("acme", "log-001")
    assert (fields["source"], fields["text"]) == ("text_upload", " line 1\r\nline 2\n")


@pytest.mark.parametrize("parts", [{"headers": TEXT, "body": "a"}, {}])
def test_log_without_id_gets_a_random_one(
    call: Call, queue: InMemoryQueue, parts: dict[str, Any]
) -> None:
    parts = parts or {"headers": JSON, "body": '{"tenant_id": "acme", "text": "a"}'}

    answers = [call(**parts), call(**parts)]

    first, second = (UUID(answer.body["log_id"]) for answer in answers)
    assert first.version == second.version == 4
    assert first != second
    assert json.loads(queue.sent[0]["MessageBody"])["log_id"] == str(first)


@SHARED_FIXTURES
@given(tenant_id=TENANT_IDS, log_id=LOG_IDS, text=TEXTS)
def test_any_good_log_is_published_as_it_came(
    call: Call, queue: InMemoryQueue, tenant_id: str, log_id: str, text: str
) -> None:
    queue.sent.clear()

    answer = post_fields(call, tenant_id=tenant_id, log_id=log_id, text=text)

    assert answer.status == 202
    fields = sent(queue)
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
def test_content_type_may_have_parameters(call: Call, content_type: str) -> None:
    answer = call(headers={"content-type": content_type}, body='{"tenant_id": "acme", "text": "a"}')

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
    call: Call, headers: dict[str, str], fragment: str
) -> None:
    assert_refused(call(headers=headers, body="{}"), 415, fragment)


def test_header_names_have_no_case(call: Call) -> None:
    answer = call(headers={"Content-Type": "text/plain", "X-Tenant-ID": "acme"}, body="a")

    assert answer.status == 202


@pytest.mark.parametrize("headers", [JSON, TEXT])
def test_body_may_come_in_base64(call: Call, queue: InMemoryQueue, headers: dict[str, str]) -> None:
    text = "naïve 日本"
    fields = json.dumps({"tenant_id": "acme", "text": text}, ensure_ascii=False)
    body = base64.b64encode((fields if headers is JSON else text).encode()).decode()

    assert call(headers=headers, body=body, is_base64=True).status == 202

    assert sent(queue)["text"] == text


@pytest.mark.parametrize("headers", [JSON, TEXT])
def test_byte_order_mark_is_not_part_of_the_body(
    call: Call, queue: InMemoryQueue, headers: dict[str, str]
) -> None:
    body = '{"tenant_id": "acme", "text": "a"}' if headers is JSON else "a"

    assert call(headers=headers, body="\ufeff" + body).status == 202

    assert sent(queue)["text"] == "a"


@pytest.mark.parametrize("headers", [JSON, TEXT])
@pytest.mark.parametrize(
    ("body", "is_base64", "fragment"),
    [
        (base64.b64encode(b"caf\xe9").decode(), True, "The body is not UTF-8 at byte 3"),
        ("\ud83d", False, "The body is not UTF-8"),
        ("not base64!", True, "not base64"),
        ("ü", True, "not base64"),
    ],
)
def test_body_that_cannot_be_decoded_is_refused(
    call: Call, headers: dict[str, str], body: str, is_base64: bool, fragment: str
) -> None:
    answer = call(headers=headers, body=body, is_base64=is_base64)

    assert_refused(answer, 400, fragment)


@pytest.mark.parametrize(
    ("body", "fragment"),
    [
        (None, "Not JSON"),
        ("", "Not JSON"),
        ("{", "Not JSON: Expecting property name enclosed in double quotes at line 1, column 2"),
        ("[]", "must be an object"),
        ("[" * 100_000, "nested too deeply"),
        ('{"tenant_id": ' + "9" * 5_000 + "}", "too many digits"),
        ('{"tenant_id": "a", "tenant_id": "b", "text": "c"}', "'tenant_id' stands twice"),
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
    call: Call, queue: InMemoryQueue, body: str | None, fragment: str
) -> None:
    assert_refused(call(headers=JSON, body=body), 400, fragment)
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
    call: Call, headers: dict[str, str], body: str | None, fragment: str
) -> None:
    assert_refused(call(headers=headers, body=body), 400, fragment)


@SHARED_FIXTURES
@given(value=JSON_VALUES)
def test_any_json_gets_an_answer_below_500(call: Call, value: object) -> None:
    assert call(headers=JSON, body=json.dumps(value)).status == 400


@SHARED_FIXTURES
@given(field=st.sampled_from(["tenant_id", "log_id", "text", "other"]), value=JSON_VALUES)
def test_any_value_of_any_field_gets_an_answer_below_500(
    call: Call, field: str, value: object
) -> None:
    fields = {"tenant_id": "acme", "text": "a"} | {field: value}

    assert call(headers=JSON, body=json.dumps(fields)).status in (202, 400)


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
    call: Call, body: str, headers: dict[str, str], is_base64: bool
) -> None:
    assert call(headers=headers, body=body, is_base64=is_base64).status < 500


def test_text_longer_than_the_worker_can_process_is_too_large(call: Call) -> None:
    assert post_fields(call, tenant_id="acme", text="ü" * MAX_TEXT_CHARS).status == 202

    answer = post_fields(call, tenant_id="acme", text="ü" * (MAX_TEXT_CHARS + 1))

    assert_refused(answer, 413, "1,001 characters: at most 1,000 can be processed")


def test_text_that_no_item_can_hold_is_too_large(queue: InMemoryQueue, journal: Journal) -> None:
    limits = ApiSettings(queue_url=QUEUE_URL, max_text_chars=10**9, max_message_bytes=262_144)
    api = Api(limits, Queue(queue.client, QUEUE_URL), journal.telemetry)
    request = event(headers=TEXT, body="a" * (MAX_TEXT_BYTES + 1))

    response = api.respond(Request.from_event(request, ""))

    assert response["statusCode"] == 413
    assert "can be stored" in json.loads(response["body"])["message"]


def test_message_that_the_queue_cannot_take_is_too_large(
    queue: InMemoryQueue, journal: Journal
) -> None:
    limits = ApiSettings(queue_url=QUEUE_URL, max_text_chars=10**9, max_message_bytes=262_144)
    api = Api(limits, Queue(queue.client, QUEUE_URL), journal.telemetry)
    escaped_sixfold = "\x01" * 100_000
    request = event(headers=TEXT, body=escaped_sixfold)

    response = api.respond(Request.from_event(request, ""))

    assert response["statusCode"] == 413
    assert "the queue takes at most 262,144" in json.loads(response["body"])["message"]


def test_queue_that_fails_is_a_500_worth_retrying(
    call: Call, queue: InMemoryQueue, journal: Journal
) -> None:
    queue.refuses("SendMessage", "ServiceUnavailable", status=503)

    answer = post_fields(call, tenant_id="acme", log_id="log-001", text="a")

    assert_refused(answer, 500, "Failed to publish message to queue")
    assert answer.headers["Retry-After"] == "5"
    assert journal.metrics() == {"PublishFailed": [1]}
    line = journal.line("publish failed")
    assert (line["tenant_id"], line["log_id"]) == ("acme", "log-001")
    assert line["reason"] == "ClientError: ServiceUnavailable from SendMessage"


def test_unexpected_error_tells_nothing_but_its_place(
    call: Call, journal: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delattr("api.app.message_from")

    answer = post_fields(call, tenant_id="acme", text="a")

    assert_refused(answer, 500, "Unexpected error")
    assert journal.line("unexpected error")["reason"].startswith("NameError at api.app:")


def test_health_touches_nothing(call: Call, queue: InMemoryQueue) -> None:
    queue.is_unreachable()

    answer = call(method="GET", path="/health")

    assert answer.status == 200
    assert answer.body == {"status": "ok", "request_id": "JKJaXmPLvHcESHA="}
    assert not queue.calls


@pytest.mark.parametrize("path", ["/", "/ingest/", "/INGEST", "/health/live", "/favicon.ico", ""])
def test_unknown_path_is_not_found(call: Call, path: str) -> None:
    assert_refused(call(path=path), 404, "there are /ingest and /health")


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("GET", "/ingest", "POST"),
        ("OPTIONS", "/ingest", "POST"),
        ("POST", "/health", "GET"),
        ("HEAD", "/health", "GET"),
    ],
)
def test_wrong_method_is_told_the_right_one(
    call: Call, method: str, path: str, allowed: str
) -> None:
    answer = call(method=method, path=path)

    assert_refused(answer, 405, f"{path} takes {allowed}, not {method}")
    assert answer.headers["Allow"] == allowed


def test_request_id_falls_back_to_the_functions(queue: InMemoryQueue, journal: Journal) -> None:
    limits = ApiSettings(queue_url=QUEUE_URL, max_text_chars=1, max_message_bytes=262_144)
    api = Api(limits, Queue(queue.client, QUEUE_URL), journal.telemetry)

    response = api.respond(Request.from_event({}, "lambda-request-id"))

    assert response["statusCode"] == 404
    assert json.loads(response["body"])["request_id"] == "lambda-request-id"


def test_what_was_accepted_is_told_without_the_text(call: Call, journal: Journal) -> None:
    post_fields(call, tenant_id="acme", log_id="555-0199", text="secret 555-0188")

    line = journal.line("accepted")
    assert line["tenant_id"] == "acme"
    assert line["log_id"] == "[REDACTED]"
    assert line["request_id"] == "JKJaXmPLvHcESHA="
    assert line["message_id"] == "message-1"
    assert line["characters"] == len("secret 555-0188")
    assert "secret" not in journal.text()
    assert journal.metrics() == {"Accepted": [1]}


def test_what_was_refused_is_told_without_the_text(call: Call, journal: Journal) -> None:
    post_fields(call, tenant_id="555-0199", log_id="", text="secret")

    line = journal.line("rejected")
    assert line["status"] == 400
    assert line["reason"].startswith("InvalidInputError: log_id is ''")
    assert "secret" not in journal.text()
    assert journal.metrics() == {"Rejected": [1]}
