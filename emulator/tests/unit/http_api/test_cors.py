"""https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-cors.html"""

from typing import Any

import pytest

from localstack_serverless.http_api import cors
from localstack_serverless.http_api.exchange import ApiResponse

from ..builders import api_request

CONFIGURATION = {
    "allowOrigins": ["https://a.example", "http://*"],
    "allowMethods": ["GET", "POST"],
    "allowHeaders": ["content-type"],
    "exposeHeaders": ["x-mine"],
    "allowCredentials": True,
    "maxAge": 0,
}
SIMPLE = {
    "Access-Control-Allow-Credentials": "true",
    "Access-Control-Expose-Headers": "x-mine",
}
PREFLIGHT = {
    "Access-Control-Allow-Methods": "GET,POST",
    "Access-Control-Allow-Headers": "content-type",
    "Access-Control-Max-Age": "0",
}


def headers(origin: str, method: str = "GET", **configuration: Any) -> dict[str, str]:
    response = ApiResponse(200, [("access-control-allow-origin", "own"), ("X-Mine", "v")], b"")
    sent = api_request(method=method, headers=[("Origin", origin)] if origin else [])
    cors.apply({**CONFIGURATION, **configuration}, sent, response)
    return dict(response.headers)


@pytest.mark.parametrize("origin", ["https://a.example", "http://any.example"])
def test_allowed_origin_gets_the_configured_headers(origin: str) -> None:
    expected = {"X-Mine": "v", "Access-Control-Allow-Origin": origin}
    assert headers(origin) == expected | SIMPLE
    assert headers(origin, "OPTIONS") == expected | SIMPLE | PREFLIGHT


@pytest.mark.parametrize("origin", ["", "https://b.example", "https://a.example.org", "null"])
def test_other_origin_gets_none_and_the_integrations_own_are_dropped(origin: str) -> None:
    assert headers(origin) == {"X-Mine": "v"}


def test_wildcard_is_sent_as_such() -> None:
    allowed = headers("https://b.example", allowOrigins=["*"], allowCredentials=False)
    assert allowed["Access-Control-Allow-Origin"] == "*"
    assert "Access-Control-Allow-Credentials" not in allowed
