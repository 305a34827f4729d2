"""What the plugin's HTTP APIs do that AWS does not document."""

import pytest
import requests

from testing.functions import FunctionFactory, answering, delete_log_group, log_events
from testing.http_apis import Api, ApiFactory
from testing.target import Target, unique_name

CORS = {"AllowOrigins": ["https://a.example"], "AllowMethods": ["GET"]}


def test_paths_are_decoded(deploy: FunctionFactory, api_of: ApiFactory) -> None:
    event = answering("[event['rawPath'], event['pathParameters']]")
    api = api_of({"GET /pets/{id}/{rest+}": deploy(event)})
    assert api.get("/pets/a%20b/c/d").json() == ["/pets/a b/c/d", {"id": "a b", "rest": "c/d"}]


def test_cookies_are_not_among_the_headers(echo: Api) -> None:
    assert "cookie" not in echo.get(headers={"Cookie": "a=1"}).json()["headers"]


def test_function_does_not_frame_the_response(deploy: FunctionFactory, api_of: ApiFactory) -> None:
    headers = {"content-length": "2", "Transfer-Encoding": "chunked", "Connection": "close"}
    response = {"statusCode": 200, "headers": headers, "body": "whole"}
    answer = api_of({"$default": deploy(answering(repr(response)))}).get()
    assert (answer.text, answer.headers["Content-Length"]) == ("whole", "5")


def test_response_with_ill_typed_fields_is_a_500(
    deploy: FunctionFactory, api_of: ApiFactory
) -> None:
    response = {"statusCode": 200, "body": {}, "headers": [1]}
    answer = api_of({"$default": deploy(answering(repr(response)))}).get()
    assert (answer.status_code, answer.json()) == (500, {"message": "Internal Server Error"})


def test_what_is_too_large_is_refused_with_a_message(echo: Api) -> None:
    body = echo.request("POST", data=b"x" * (10 * 1024 * 1024 + 1))
    assert (body.status_code, body.json()) == (413, {"message": "Request Entity Too Large"})
    assert echo.get(headers={"X-1": "x" * 5200, "X-2": "x" * 5200}).status_code == 431


def test_integration_timeout_is_a_503(deploy: FunctionFactory, api_of: ApiFactory) -> None:
    function = deploy("import time\ndef handler(event, context): time.sleep(2)", timeout=5)
    api = api_of.create()
    api.permit(function)
    api.add_route("$default", function.arn, TimeoutInMillis=500)
    api.add_stage()
    answer = api.get()
    assert (answer.status_code, answer.json()) == (503, {"message": "Service Unavailable"})


def test_throttled_request_gets_a_message(deploy: FunctionFactory, api_of: ApiFactory) -> None:
    limits = {"ThrottlingRateLimit": 0.01, "ThrottlingBurstLimit": 2}
    api = api_of({"$default": deploy(answering("1"))}, DefaultRouteSettings=limits)
    answers = [api.get() for _ in range(4)]
    assert [answer.status_code for answer in answers] == [200, 200, 429, 429]
    assert answers[-1].json() == {"message": "Too Many Requests"}


def test_api_answers_under_its_host_name_too(aws: Target, echo: Api) -> None:
    host = f"{echo.id}.execute-api.localhost.localstack.cloud:4566"
    answer = requests.get(f"{aws.endpoint}/some/path", headers={"Host": host}, timeout=20)
    assert answer.json()["rawPath"] == "/some/path"


def test_permission_may_name_method_and_route(deploy: FunctionFactory, api_of: ApiFactory) -> None:
    function = deploy(answering("1"))
    api = api_of.create()
    for number, key in enumerate(("GET /pets/{id}", "ANY /any", "$default")):
        api.add_route(key, function.arn)
        if key != "$default":
            method, _, path = key.partition(" ")
            method = "*" if method == "ANY" else method
            api.permit(function, f"*/{method}{path}", StatementId=f"s{number}")
    api.add_stage()
    assert api.get("/pets/1").status_code == 200
    assert api.request("PUT", "/any").status_code == 200
    assert api.get("/cats").status_code == 500


@pytest.mark.parametrize("headers", [{}, {"Origin": "https://b.example"}])
def test_only_an_allowed_origin_gets_cors_headers(
    deploy: FunctionFactory, api_of: ApiFactory, headers: dict[str, str]
) -> None:
    api = api_of({"GET /here": deploy(answering("1"))}, cors=CORS)
    answers = (api.get("/here", headers=headers), api.request("OPTIONS", "/here", headers=headers))
    assert [answer.status_code for answer in answers] == [200, 204]
    assert not any("Access-Control" in name for answer in answers for name in answer.headers)


def test_errors_of_the_gateway_get_cors_headers_and_a_request_id(
    deploy: FunctionFactory, api_of: ApiFactory
) -> None:
    api = api_of({"GET /here": deploy(answering("1"))}, cors=CORS)
    answer = api.get("/there", headers={"Origin": "https://a.example"})
    assert answer.headers["Access-Control-Allow-Origin"] == "https://a.example"
    assert answer.headers["Apigw-Requestid"]


def test_access_log_has_the_errors_of_gateway_and_integration(
    aws: Target, deploy: FunctionFactory, api_of: ApiFactory
) -> None:
    function, group = deploy(answering("1")), unique_name()
    aws.logs.create_log_group(logGroupName=group)
    region, account = function.arn.split(":")[3:5]
    names = (
        "status",
        "error.responseType",
        "integrationErrorMessage",
        "integrationStatus",
        "identity.caller",
    )
    api = api_of(
        {"GET /here": function},
        AccessLogSettings={
            "DestinationArn": f"arn:aws:logs:{region}:{account}:log-group:{group}",
            "Format": "|".join(f"$context.{name}" for name in names),
        },
    )
    api.get("/here")
    api.get("/there")
    api.forbid(function)
    api.get("/here")
    aws.wait_until(lambda: len(log_events(aws, group)) == 3)
    assert log_events(aws, group) == [
        "200|-|-|200|-",
        "404|RESOURCE_NOT_FOUND|-|-|-",
        "500|INTEGRATION_FAILURE|"
        "The IAM role configured on the integration or API Gateway doesn't have permissions to"
        " call the integration. Check the permissions and try again.|-|-",
    ]
    delete_log_group(aws, group)
