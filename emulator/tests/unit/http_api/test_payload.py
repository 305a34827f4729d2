"""https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html"""

import json
import re
from typing import Any

import pytest

from localstack_serverless.http_api.payload import MalformedResponseError, to_event, to_response

from ..builders import api_request


def test_repeated_headers_are_joined_by_commas() -> None:
    event = to_event(api_request(headers=[("X-Mine", "1"), ("x-mine", "2")]))
    assert event["headers"]["x-mine"] == "1,2"


def test_cookies_of_all_cookie_headers_are_listed() -> None:
    event = to_event(api_request(headers=[("Cookie", "a=1; b=2"), ("Cookie", "c=3")]))
    assert event["cookies"] == ["a=1", "b=2", "c=3"]


def test_keys_without_a_value_are_left_out() -> None:
    absent = {"cookies", "queryStringParameters", "pathParameters", "stageVariables", "body"}
    event = to_event(api_request())
    assert not absent & set(event)
    assert event["isBase64Encoded"] is False


def test_gateway_adds_headers() -> None:
    headers = to_event(api_request(headers=[("X-Forwarded-For", "1.2.3.4")]))["headers"]
    assert re.fullmatch(r"Root=1-[0-9a-f]{8}-[0-9a-f]{24}", headers.pop("x-amzn-trace-id"))
    assert headers == {
        "content-length": "0",
        "x-forwarded-for": "1.2.3.4, 127.0.0.1",
        "x-forwarded-port": "4566",
        "x-forwarded-proto": "http",
    }


@pytest.mark.parametrize("result", ['{"a":  1}', "[1]", "null", "7"])
def test_result_without_status_is_the_body_as_it_is(result: str) -> None:
    response = to_response(result.encode())
    assert (response.status, response.body.decode()) == (200, result)


@pytest.mark.parametrize(
    "response",
    [
        {"statusCode": 99},
        {"statusCode": 1000},
        {"statusCode": None},
        {"statusCode": 200, "headers": {"X-Mine": {}}},
        {"statusCode": 200, "headers": {"X-Mine": "a\r\nSet-Cookie: b=1"}},
        {"statusCode": 200, "cookies": 1},
        {"statusCode": 200, "body": {"a": 1}},
        {"statusCode": 200, "body": "no base64", "isBase64Encoded": True},
    ],
)
def test_malformed_responses(response: Any) -> None:
    with pytest.raises(MalformedResponseError):
        to_response(json.dumps(response).encode())
