"""What a client gets from an HTTP API: responses, errors, CORS, throttling and access logs."""

import json
import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import requests

from testing.functions import Function, FunctionFactory, answering, delete_log_group, log_events
from testing.http_apis import Api, ApiFactory
from testing.target import Target, unique_name

from .docs import (
    ALIASES,
    HTTP_API_CORS,
    HTTP_API_LAMBDA,
    HTTP_API_LOG_VARIABLES,
    HTTP_API_LOGGING,
    HTTP_API_PERMISSIONS,
    HTTP_API_THROTTLING,
    cites,
)

pytestmark = pytest.mark.group("HTTP API")

Shared = Callable[[str], Function]

# The function returns what the request's body contains.
SAYS_BODY = answering("__import__('json').loads(event['body'])")
ERROR = {"message": "Internal Server Error"}


@pytest.fixture(scope="session")
def dictated(shared_api: ApiFactory, shared: Shared) -> Callable[[Any], requests.Response]:
    """dictated(value): the response to a request whose function returns the value."""
    api = shared_api({"$default": shared(SAYS_BODY)})

    def answer(value: Any) -> requests.Response:
        return api.request("POST", json=value)

    return answer


Dictated = Callable[[Any], requests.Response]


@cites(HTTP_API_LAMBDA)
def test_value_without_status_code_is_the_body_of_a_200(dictated: Dictated) -> None:
    answer = dictated({"message": "Hello from Lambda!"})
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "application/json")
    assert answer.json() == {"message": "Hello from Lambda!"}


@cites(HTTP_API_LAMBDA)
def test_string_without_status_code_is_the_body_of_a_200(dictated: Dictated) -> None:
    answer = dictated("Hello from Lambda!")
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "application/json")
    assert answer.text == "Hello from Lambda!"


@cites(HTTP_API_LAMBDA)
def test_status_code_of_the_response_is_sent(dictated: Dictated) -> None:
    answer = dictated({"statusCode": 418, "body": "teapot"})
    assert (answer.status_code, answer.text) == (418, "teapot")


@cites(HTTP_API_LAMBDA)
def test_headers_of_the_response_are_sent(dictated: Dictated) -> None:
    headers = {"X-Mine": "v", "Content-Type": "text/csv"}
    answer = dictated({"statusCode": 200, "headers": headers, "body": "a,b"})
    assert (answer.headers["X-Mine"], answer.headers["Content-Type"]) == ("v", "text/csv")


@cites(HTTP_API_LAMBDA)
def test_each_cookie_of_the_response_is_a_set_cookie_header(dictated: Dictated) -> None:
    answer = dictated({"statusCode": 200, "cookies": ["a=1", "b=2"]})
    assert answer.raw.headers.getlist("Set-Cookie") == ["a=1", "b=2"]


@cites(HTTP_API_LAMBDA)
def test_base64_body_of_the_response_is_decoded(dictated: Dictated) -> None:
    answer = dictated({"statusCode": 200, "body": "/wA=", "isBase64Encoded": True})
    assert answer.content == b"\xff\x00"


@cites(HTTP_API_PERMISSIONS)
def test_error_of_the_function_is_a_500(shared_api: ApiFactory, shared: Shared) -> None:
    answer = shared_api({"$default": shared(answering("1 / 0"))}).get()
    assert (answer.status_code, answer.json()) == (500, ERROR)


@cites(HTTP_API_PERMISSIONS)
def test_response_of_another_format_is_a_500(dictated: Dictated) -> None:
    answer = dictated({"statusCode": "many"})
    assert (answer.status_code, answer.json()) == (500, ERROR)


@cites(HTTP_API_PERMISSIONS)
def test_function_without_permission_is_a_500(api_of: ApiFactory, shared: Shared) -> None:
    api = api_of.create()
    api.add_route("$default", shared(answering("1")).arn)
    api.add_stage()
    answer = api.get()
    assert (answer.status_code, answer.json()) == (500, ERROR)


@cites(HTTP_API_PERMISSIONS)
def test_permission_takes_effect_and_so_does_its_removal(
    api_of: ApiFactory, deploy: FunctionFactory
) -> None:
    function = deploy(answering("1"))
    api = api_of({"$default": function})
    api.wait_for(200)
    api.forbid(function)
    api.wait_for(500)
    api.permit(function)
    api.wait_for(200)


@cites(HTTP_API_PERMISSIONS)
def test_permission_for_the_default_route_does_not_hold_for_another(
    api_of: ApiFactory, deploy: FunctionFactory
) -> None:
    function = deploy(answering("1"))
    api = api_of.create()
    for key in ("$default", "GET /other"):
        api.add_route(key, function.arn)
    api.add_stage()
    api.permit(function, "$default/$default")
    api.wait_for(200)
    assert api.get("/other").status_code == 500


@cites(HTTP_API_PERMISSIONS)
def test_permission_of_another_api_does_not_hold(
    api_of: ApiFactory, deploy: FunctionFactory
) -> None:
    function = deploy(answering("1"))
    permitted = api_of({"$default": function})
    api = api_of.create()
    api.add_route("$default", function.arn)
    api.add_stage()
    permitted.wait_for(200)
    assert api.get().status_code == 500


@cites(ALIASES)
def test_permission_of_an_alias_is_not_of_the_function(
    aws: Target, api_of: ApiFactory, deploy: FunctionFactory
) -> None:
    function = deploy(answering("1"))
    alias = {"FunctionName": function.name, "Name": "live"}
    aws.lambda_.create_alias(**alias, FunctionVersion=function.publish())
    api = api_of.create()
    api.add_route("$default", f"{function.arn}:live")
    api.add_stage()
    api.permit(function)
    assert api.get().status_code == 500
    api.permit(function, Qualifier="live", StatementId="alias")
    api.wait_for(200)


CORS = {
    "AllowOrigins": ["https://www.example.com"],
    "AllowMethods": ["GET", "POST"],
    "AllowHeaders": ["x-mine"],
    "ExposeHeaders": ["date"],
    "MaxAge": 300,
    "AllowCredentials": True,
}
ORIGIN = {"Origin": "https://www.example.com"}
PREFLIGHT = {**ORIGIN, "Access-Control-Request-Method": "GET"}
OWN_ORIGIN = answering(
    "{'statusCode': 200, 'headers': {'access-control-allow-origin': 'https://own.example'}}"
)


def comma_separated(answer: requests.Response, header: str) -> set[str]:
    return {value.strip().lower() for value in answer.headers[header].split(",")}


@pytest.fixture(scope="session")
def cors_api(shared_api: ApiFactory, shared: Shared) -> Api:
    routes = {"GET /own": shared(OWN_ORIGIN), "GET /plain": shared(answering("1"))}
    return shared_api(routes, cors=CORS)


@cites(HTTP_API_CORS)
def test_preflight_request_is_answered_without_a_route(cors_api: Api) -> None:
    answer = cors_api.request("OPTIONS", "/plain", headers=PREFLIGHT)
    assert answer.ok
    assert answer.headers["Access-Control-Allow-Origin"] == "https://www.example.com"


@cites(HTTP_API_CORS)
def test_preflight_response_has_the_configured_headers(cors_api: Api) -> None:
    answer = cors_api.request("OPTIONS", "/plain", headers=PREFLIGHT)
    assert comma_separated(answer, "Access-Control-Allow-Methods") == {"get", "post"}
    assert comma_separated(answer, "Access-Control-Allow-Headers") == {"x-mine"}
    assert answer.headers["Access-Control-Max-Age"] == "300"


@cites(HTTP_API_CORS)
def test_cors_headers_are_added_to_the_response(cors_api: Api) -> None:
    answer = cors_api.get("/plain", headers=ORIGIN)
    assert answer.headers["Access-Control-Allow-Origin"] == "https://www.example.com"
    assert answer.headers["Access-Control-Allow-Credentials"] == "true"
    assert comma_separated(answer, "Access-Control-Expose-Headers") == {"date"}


@cites(HTTP_API_CORS)
def test_cors_headers_of_the_function_are_ignored(cors_api: Api) -> None:
    answer = cors_api.get("/own", headers=ORIGIN)
    assert answer.headers["Access-Control-Allow-Origin"] == "https://www.example.com"


@cites(HTTP_API_CORS)
def test_cors_headers_of_the_function_pass_without_configuration(
    api_of: ApiFactory, shared: Shared
) -> None:
    api = api_of({"GET /own": shared(OWN_ORIGIN)})
    answer = api.get("/own", headers=ORIGIN)
    assert answer.headers["Access-Control-Allow-Origin"] == "https://own.example"


@cites(HTTP_API_CORS)
def test_preflight_request_without_configuration_and_route_is_a_404(
    api_of: ApiFactory, shared: Shared
) -> None:
    api = api_of({"GET /own": shared(OWN_ORIGIN)})
    assert api.request("OPTIONS", "/own", headers=PREFLIGHT).status_code == 404


@cites(HTTP_API_CORS)
def test_default_route_takes_preflight_requests_itself(api_of: ApiFactory, shared: Shared) -> None:
    api = api_of({"$default": shared(answering("{'statusCode': 418}"))}, cors=CORS)
    assert api.request("OPTIONS", headers=PREFLIGHT).status_code == 418


FEW = {"ThrottlingRateLimit": 1.0, "ThrottlingBurstLimit": 1}
MANY = {"ThrottlingRateLimit": 100.0, "ThrottlingBurstLimit": 100}


def statuses(api: Api, path: str, count: int = 12) -> set[int]:
    return {api.get(path).status_code for _ in range(count)}


@cites(HTTP_API_THROTTLING)
def test_requests_over_the_stages_limit_are_a_429(
    aws: Target, api_of: ApiFactory, shared: Shared
) -> None:
    api = api_of({"$default": shared(answering("1"))}, DefaultRouteSettings=FEW)
    aws.wait_until(lambda: statuses(api, "/") == {200, 429})


@cites(HTTP_API_THROTTLING)
def test_limit_of_a_route_overrides_the_stages(
    aws: Target, api_of: ApiFactory, shared: Shared
) -> None:
    function = shared(answering("1"))
    api = api_of(
        {"GET /few": function, "GET /many": function},
        RouteSettings={"GET /few": FEW},
        DefaultRouteSettings=MANY,
    )
    aws.wait_until(lambda: statuses(api, "/few") == {200, 429})
    assert statuses(api, "/many") == {200}


@cites(HTTP_API_THROTTLING)
def test_limit_of_a_route_that_is_set_later_takes_effect(
    aws: Target, api_of: ApiFactory, shared: Shared
) -> None:
    api = api_of({"GET /pets": shared(answering("1"))})
    assert statuses(api, "/pets") == {200}
    aws.apigatewayv2.update_stage(
        ApiId=api.id, StageName="$default", RouteSettings={"GET /pets": FEW}
    )
    aws.wait_until(lambda: 429 in statuses(api, "/pets"))


@pytest.fixture
def logged(
    aws: Target, api_of: ApiFactory, shared: Shared
) -> Iterator[Callable[..., tuple[Api, Callable[[], dict[str, str]]]]]:
    """logged(expression, *variables): an API with GET /here, and its access log's next line."""
    group = unique_name()
    aws.logs.create_log_group(logGroupName=group)

    def create(expression: str, *names: str) -> tuple[Api, Callable[[], dict[str, str]]]:
        function = shared(answering(expression))
        region, account = function.arn.split(":")[3:5]
        log_format = json.dumps({name: f"$context.{name}" for name in names})
        # messageString includes its own quotes
        log_format = log_format.replace(
            '"$context.error.messageString"', "$context.error.messageString"
        )
        destination = f"arn:aws:logs:{region}:{account}:log-group:{group}"
        settings = {"DestinationArn": destination, "Format": log_format}
        api = api_of({"GET /here": function}, AccessLogSettings=settings)
        return api, lambda: json.loads(aws.wait_until(lambda: log_events(aws, group))[-1])

    yield create
    delete_log_group(aws, group)


Logged = Callable[..., tuple[Api, Callable[[], dict[str, str]]]]


@cites(HTTP_API_LOGGING)
def test_access_log_has_a_line_of_the_stages_format(logged: Logged) -> None:
    names = ("status", "routeKey", "httpMethod", "stage", "path", "protocol", "apiId")
    api, line = logged("1", *names)
    assert api.get("/here").status_code == 200
    assert line() == {
        "status": "200",
        "routeKey": "GET /here",
        "httpMethod": "GET",
        "stage": "$default",
        "path": "/here",
        "protocol": "HTTP/1.1",
        "apiId": api.id,
    }


@cites(HTTP_API_LOG_VARIABLES)
def test_access_log_has_the_request_id_of_the_event(logged: Logged) -> None:
    api, line = logged("event['requestContext']['requestId']", "requestId", "extendedRequestId")
    request_id = api.get("/here").text
    assert line() == {"requestId": request_id, "extendedRequestId": request_id}


@cites(HTTP_API_LOG_VARIABLES)
def test_access_log_has_the_request_time_and_the_lengths(logged: Logged) -> None:
    api, line = logged("'12345'", "requestTime", "requestTimeEpoch", "responseLength")
    api.get("/here")
    values = line()
    assert re.fullmatch(r"\d\d/[A-Z][a-z]{2}/\d{4}:\d\d:\d\d:\d\d \+0000", values["requestTime"])
    assert values["requestTimeEpoch"].isdigit()
    assert values["responseLength"] == "5"


@cites(HTTP_API_LOG_VARIABLES)
def test_access_log_has_the_status_of_function_and_of_lambda(logged: Logged) -> None:
    names = ("status", "integration.status", "integration.integrationStatus", "integrationStatus")
    api, line = logged("{'statusCode': 418}", *names)
    api.get("/here")
    assert line() == {
        "status": "418",
        "integration.status": "418",
        "integration.integrationStatus": "200",
        "integrationStatus": "200",
    }


@cites(HTTP_API_LOG_VARIABLES)
def test_access_log_has_the_error_message_and_quotes_it(logged: Logged) -> None:
    api, line = logged("1", "status", "error.message", "error.messageString")
    api.get("/there")
    assert line() == {
        "status": "404",
        "error.message": "Not Found",
        "error.messageString": "Not Found",
    }


@cites(HTTP_API_PERMISSIONS)
def test_access_log_shows_why_an_integration_failed(
    logged: Logged, deploy: FunctionFactory
) -> None:
    api, line = logged("1", "integrationErrorMessage", "integration.error")
    api.add_route("GET /forbidden", deploy(answering("1")).arn)
    api.wait_for(500, "/forbidden")
    values = line()
    assert "permission" in values["integrationErrorMessage"]
    assert values["integration.error"] == values["integrationErrorMessage"]
