import base64
import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.request import Request
from tests.lambdas.api.client import ApiClient
from tests.lambdas.aws import InMemoryQueue
from tests.lambdas.builders import JSON, TEXT, http_event


def test_header_names_are_case_insensitive(api: ApiClient) -> None:
    answer = api.call(headers={"Content-Type": "text/plain", "X-Tenant-ID": "acme"}, body="a")

    assert answer.status == 202


@pytest.mark.parametrize("headers", [JSON, TEXT])
def test_body_may_come_in_base64(
    api: ApiClient, queue: InMemoryQueue, headers: dict[str, str]
) -> None:
    text = "naïve 日本"
    fields = json.dumps({"tenant_id": "acme", "text": text}, ensure_ascii=False)
    body = base64.b64encode((fields if headers is JSON else text).encode()).decode()

    assert api.call(headers=headers, body=body, is_base64=True).status == 202

    assert queue.sent_fields()["text"] == text


@pytest.mark.parametrize("headers", [JSON, TEXT])
def test_byte_order_mark_is_not_part_of_the_body(
    api: ApiClient, queue: InMemoryQueue, headers: dict[str, str]
) -> None:
    body = '{"tenant_id": "acme", "text": "a"}' if headers is JSON else "a"

    assert api.call(headers=headers, body="\ufeff" + body).status == 202

    assert queue.sent_fields()["text"] == "a"


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
    api: ApiClient, headers: dict[str, str], body: str, is_base64: bool, fragment: str
) -> None:
    answer = api.call(headers=headers, body=body, is_base64=is_base64)

    answer.assert_refused(400, fragment)


def test_request_id_falls_back_to_the_invocations(api: ApiClient) -> None:
    answer = api.invoke({})

    assert answer.status == 404
    assert answer.body["request_id"] == "lambda-request-id"


@given(milliseconds=st.integers(0, 4_102_444_800_000))
def test_request_is_received_when_the_gateway_says(milliseconds: int) -> None:
    """The function may start seconds later, and later requests overtake it meanwhile."""
    event = http_event()
    event["requestContext"]["timeEpoch"] = milliseconds

    received_at = Request.from_event(event, "").received_at

    assert round(received_at.timestamp() * 1000) == milliseconds
    assert received_at.microsecond == milliseconds % 1000 * 1000


@pytest.mark.parametrize("time", [None, "yesterday"])
def test_request_without_a_gateway_is_received_now(time: object) -> None:
    event = http_event()
    event["requestContext"]["timeEpoch"] = time
    before = datetime.now(UTC)

    assert before <= Request.from_event(event, "").received_at <= datetime.now(UTC)
