"""Which step ends a request, and what every response gets. Invocations: the conformance suite."""

import json
from collections.abc import Callable, Mapping

import pytest
from moto.apigatewayv2.models import Api

from localstack_serverless.http1 import Request
from localstack_serverless.http_api.addresses import find_api
from localstack_serverless.http_api.data_plane import Client, DataPlane
from localstack_serverless.http_api.exchange import ApiResponse
from localstack_serverless.http_api.steps import MAX_BODY_BYTES, MAX_HEADER_BYTES

from ..builders import ApiMaker

CORS = {"allowOrigins": ["https://a.example"]}
ONE_REQUEST = {"throttlingRateLimit": 0.001, "throttlingBurstLimit": 1}

Send = Callable[..., ApiResponse]


@pytest.fixture
def send() -> Send:
    """send(api, "GET", "/pets", headers, body): the response of the data plane."""
    data_plane = DataPlane()

    def send(
        api: Api,
        method: str,
        path: str,
        headers: Mapping[str, str] | None = None,
        body: bytes = b"",
    ) -> ApiResponse:
        target = f"/_aws/execute-api/{api.api_id}{path}"
        found = find_api(target, "localhost")
        assert found
        request = Request(method, target, list((headers or {}).items()), body)
        return data_plane.serve(*found, request, Client("127.0.0.1", "http", "4566"))

    return send


def answer(response: ApiResponse) -> tuple[int, str]:
    return response.status, json.loads(response.body)["message"]


def test_unknown_path_is_not_found(make_api: ApiMaker, send: Send) -> None:
    assert answer(send(make_api("GET /pets"), "GET", "/cats")) == (404, "Not Found")


def test_api_without_a_stage_is_not_found(make_api: ApiMaker, send: Send) -> None:
    api = make_api("GET /pets")
    api.stages.clear()
    assert answer(send(api, "GET", "/pets")) == (404, "Not Found")


def test_route_without_an_integration_is_an_internal_error(make_api: ApiMaker, send: Send) -> None:
    assert answer(send(make_api("GET /pets"), "GET", "/pets")) == (500, "Internal Server Error")


def test_long_headers_are_refused_before_anything_else(make_api: ApiMaker, send: Send) -> None:
    long = {"X-Long": "x" * MAX_HEADER_BYTES}
    assert answer(send(make_api(), "GET", "/", long))[0] == 431


def test_throttled_request_is_refused_before_its_body_is_looked_at(
    make_api: ApiMaker, send: Send
) -> None:
    api = make_api("POST /pets", defaultRouteSettings=ONE_REQUEST)
    body = b"x" * (MAX_BODY_BYTES + 1)
    assert answer(send(api, "POST", "/pets", body=body)) == (413, "Request Entity Too Large")
    assert answer(send(api, "POST", "/pets", body=body)) == (429, "Too Many Requests")


def test_settings_of_a_route_override_those_of_the_stage(make_api: ApiMaker, send: Send) -> None:
    api = make_api(
        "GET /pets",
        "GET /cats",
        defaultRouteSettings=ONE_REQUEST,
        routeSettings={"GET /cats": {"throttlingRateLimit": 1000, "throttlingBurstLimit": 1000}},
    )
    assert [send(api, "GET", "/pets").status for _ in range(2)] == [500, 429]
    assert [send(api, "GET", "/cats").status for _ in range(2)] == [500, 500]


def test_preflight_is_answered_without_a_route(make_api: ApiMaker, send: Send) -> None:
    origin = {"Origin": "https://a.example"}
    assert send(make_api("GET /pets", cors=CORS), "OPTIONS", "/pets", origin).status == 204
    assert send(make_api("GET /pets"), "OPTIONS", "/pets", origin).status == 404


@pytest.mark.parametrize(("path", "status"), [("/pets", 500), ("/cats", 404)])
def test_errors_have_cors_headers_and_a_request_id(
    make_api: ApiMaker, send: Send, path: str, status: int
) -> None:
    api = make_api("GET /pets", cors=CORS)
    response = send(api, "GET", path, {"Origin": "https://a.example"})
    headers = dict(response.headers)
    assert response.status == status
    assert headers["Access-Control-Allow-Origin"] == "https://a.example"
    assert headers["Apigw-Requestid"]
