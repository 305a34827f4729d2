"""HTTP APIs over HTTP.

https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api.html
"""

import json
import re
from collections.abc import Callable
from typing import Any

import pytest
import requests

from .deploying import ENDPOINT, Clients, Deploy, permit, wait_until

ApiOf = Callable[..., str]


def answering(value: str) -> str:
    return f"def handler(event, context): return {value}"


@pytest.mark.parametrize(
    ("method", "path", "route"),
    [
        ("GET", "/pets/dog/1", "GET /pets/dog/1"),
        ("GET", "/pets/dog/2", "GET /pets/dog/{id}"),
        ("GET", "/pets/cat/1", "GET /pets/{proxy+}"),
        ("POST", "/pets/dog/1", "ANY /{proxy+}"),
        ("GET", "/elsewhere", "ANY /{proxy+}"),
        ("GET", "/", "$default"),
    ],
)
def test_most_specific_route_wins(
    deploy: Deploy, api_of: ApiOf, method: str, path: str, route: str
) -> None:
    echo = deploy(answering("event['routeKey']"))
    keys = [
        "GET /pets/dog/1",
        "GET /pets/dog/{id}",
        "GET /pets/{proxy+}",
        "ANY /{proxy+}",
        "$default",
    ]
    url = api_of(dict.fromkeys(keys, echo))
    assert requests.request(method, url + path, timeout=20).text == route


def test_event_has_payload_format_2(http_api: str) -> None:
    event: dict[str, Any] = requests.post(
        f"{http_api}/a%20b?x=1&x=2&y=",
        data='{"k": 1}',
        headers={"Content-Type": "application/json", "X-Mine": "v", "Cookie": "a=1; b=2"},
        timeout=20,
    ).json()
    context = event.pop("requestContext")
    headers = event.pop("headers")
    assert event == {
        "version": "2.0",
        "routeKey": "$default",
        "rawPath": "/a b",
        "rawQueryString": "x=1&x=2&y=",
        "cookies": ["a=1", "b=2"],
        "queryStringParameters": {"x": "1,2", "y": ""},
        "body": '{"k": 1}',
        "isBase64Encoded": False,
    }
    assert headers["x-mine"] == "v"
    assert "cookie" not in headers
    assert context["http"]["method"] == "POST"
    assert context["http"]["path"] == "/a b"
    assert context["stage"] == "$default"
    assert context["timeEpoch"] > 0


def test_binary_body_arrives_as_base64(http_api: str) -> None:
    event = requests.post(
        http_api, data=b"\xff\x00", headers={"Content-Type": "application/octet-stream"}, timeout=20
    ).json()
    assert event["body"] == "/wA="
    assert event["isBase64Encoded"] is True


def test_path_parameters_are_decoded(deploy: Deploy, api_of: ApiOf) -> None:
    url = api_of({"GET /pets/{id}/{rest+}": deploy(answering("event['pathParameters']"))})
    assert requests.get(f"{url}/pets/a%20b/c/d", timeout=20).json() == {"id": "a b", "rest": "c/d"}


def test_value_without_status_becomes_the_body_of_a_200(deploy: Deploy, api_of: ApiOf) -> None:
    url = api_of({"$default": deploy(answering("{'a': 1}"))})
    answer = requests.get(url, timeout=20)
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "application/json")
    assert answer.json() == {"a": 1}


def test_response_carries_status_headers_cookies_and_binary_body(
    deploy: Deploy, api_of: ApiOf
) -> None:
    response = {
        "statusCode": 201,
        "headers": {"X-Mine": "v", "Content-Type": "image/png"},
        "cookies": ["a=1", "b=2"],
        "body": "/wA=",
        "isBase64Encoded": True,
    }
    answer = requests.get(api_of({"$default": deploy(answering(repr(response)))}), timeout=20)
    assert answer.status_code == 201
    assert answer.headers["X-Mine"] == "v"
    assert answer.cookies.get_dict() == {"a": "1", "b": "2"}
    assert answer.content == b"\xff\x00"


def test_function_does_not_frame_the_response(deploy: Deploy, api_of: ApiOf) -> None:
    headers = {"content-length": "2", "Transfer-Encoding": "chunked", "Connection": "close"}
    response = {"statusCode": 200, "headers": headers, "body": "whole"}
    answer = requests.get(api_of({"$default": deploy(answering(repr(response)))}), timeout=20)
    assert (answer.text, answer.headers["Content-Length"]) == ("whole", "5")


@pytest.mark.parametrize(
    "code", ["1 / 0", "{'statusCode': 'many'}", "{'statusCode': 200, 'body': {}, 'headers': [1]}"]
)
def test_error_or_malformed_response_of_the_function_is_a_500(
    deploy: Deploy, api_of: ApiOf, code: str
) -> None:
    answer = requests.get(api_of({"$default": deploy(answering(code))}), timeout=20)
    assert (answer.status_code, answer.json()) == (500, {"message": "Internal Server Error"})


def test_unknown_path_is_a_404_of_the_gateway(deploy: Deploy, api_of: ApiOf) -> None:
    answer = requests.get(api_of({"GET /here": deploy(answering("1"))}) + "/there", timeout=20)
    assert (answer.status_code, answer.json()) == (404, {"message": "Not Found"})


def test_body_over_10_mb_is_a_413(http_api: str) -> None:
    answer = requests.post(http_api, data=b"x" * (10 * 1024 * 1024 + 1), timeout=30)
    assert (answer.status_code, answer.json()) == (413, {"message": "Request Entity Too Large"})


def test_stage_throttling_is_a_429(deploy: Deploy, api_of: ApiOf) -> None:
    limits = {"ThrottlingRateLimit": 0.01, "ThrottlingBurstLimit": 2}
    url = api_of({"$default": deploy(answering("1"))}, DefaultRouteSettings=limits)
    answers = [requests.get(url, timeout=20) for _ in range(4)]
    assert [answer.status_code for answer in answers] == [200, 200, 429, 429]
    assert answers[-1].json() == {"message": "Too Many Requests"}


def test_named_stage_is_the_first_segment_of_the_path(deploy: Deploy, api_of: ApiOf) -> None:
    echo = deploy(
        answering("[event['requestContext']['stage'], event['rawPath'], event['stageVariables']]")
    )
    url = api_of({"GET /here": echo}, StageName="dev", StageVariables={"color": "blue"})
    assert requests.get(f"{url}/dev/here", timeout=20).json() == [
        "dev",
        "/dev/here",
        {"color": "blue"},
    ]
    assert requests.get(f"{url}/here", timeout=20).status_code == 404


def test_api_answers_under_its_host_name_too(http_api: str) -> None:
    api_id = http_api.rpartition("/")[2]
    host = f"{api_id}.execute-api.localhost.localstack.cloud:4566"
    answer = requests.get(f"{ENDPOINT}/some/path", headers={"Host": host}, timeout=20)
    assert answer.json()["rawPath"] == "/some/path"


def test_access_log_has_the_context_variables(
    clients: Clients, deploy: Deploy, api_of: ApiOf
) -> None:
    function = deploy(answering("1"))
    group = f"/aws/apigateway/{function.name}"
    clients.logs.create_log_group(logGroupName=group)
    arn = f"arn:aws:logs:us-east-1:000000000000:log-group:{group}"
    log_format = json.dumps(
        {"status": "$context.status", "key": "$context.routeKey", "no": "$context.x"}
    )
    url = api_of(
        {"GET /here": function}, AccessLogSettings={"DestinationArn": arn, "Format": log_format}
    )
    answer = requests.get(f"{url}/here", timeout=20)
    assert re.fullmatch(r"[\w-]+=", answer.headers["Apigw-Requestid"])
    events = wait_until(lambda: clients.logs.filter_log_events(logGroupName=group)["events"])
    assert json.loads(events[0]["message"]) == {"status": "200", "key": "GET /here", "no": "-"}
    clients.logs.delete_log_group(logGroupName=group)


def test_function_without_permission_is_a_500_and_a_permission_takes_effect_at_once(
    clients: Clients, deploy: Deploy, api_of: ApiOf
) -> None:
    """https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-troubleshooting-lambda.html"""
    function = deploy(answering("1"))
    url = api_of({"$default": function})
    assert requests.get(url, timeout=20).status_code == 200
    api_id = url.rpartition("/")[2]
    clients.lambda_.remove_permission(FunctionName=function.name, StatementId=api_id)
    answer = requests.get(url, timeout=20)
    assert (answer.status_code, answer.json()) == (500, {"message": "Internal Server Error"})
    permit(clients, function, "another")
    assert requests.get(url, timeout=20).status_code == 500
    permit(clients, function, api_id)
    assert requests.get(url, timeout=20).status_code == 200


def test_permission_for_one_route_does_not_hold_for_another(
    clients: Clients, deploy: Deploy, api_of: ApiOf
) -> None:
    function = deploy(answering("1"))
    url = api_of({"GET /pets/{id}": function, "ANY /any": function, "$default": function})
    api_id = url.rpartition("/")[2]
    clients.lambda_.remove_permission(FunctionName=function.name, StatementId=api_id)
    for path in ("*/GET/pets/{id}", "*/*/any"):
        clients.lambda_.add_permission(
            FunctionName=function.name,
            StatementId=f"s{abs(hash(path))}",
            Action="lambda:InvokeFunction",
            Principal="apigateway.amazonaws.com",
            SourceArn=f"arn:aws:execute-api:us-east-1:000000000000:{api_id}/{path}",
        )
    assert requests.get(f"{url}/pets/1", timeout=20).status_code == 200
    assert requests.put(f"{url}/any", timeout=20).status_code == 200
    assert requests.get(f"{url}/cats", timeout=20).status_code == 500


CORS = {
    "AllowOrigins": ["https://a.example"],
    "AllowMethods": ["GET"],
    "AllowHeaders": ["content-type"],
    "MaxAge": 60,
}
ALLOWED = {"Origin": "https://a.example", "Access-Control-Request-Method": "GET"}


def cors_headers(answer: requests.Response) -> dict[str, str]:
    return {
        name.lower(): value
        for name, value in answer.headers.items()
        if name.lower().startswith("access-control-")
    }


def test_gateway_answers_preflight_requests_that_no_route_takes(
    clients: Clients, deploy: Deploy, api_of: ApiOf
) -> None:
    """https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-cors.html"""
    url = api_of({"GET /here": deploy(answering("1"))})
    assert requests.options(f"{url}/here", headers=ALLOWED, timeout=20).status_code == 404
    clients.apigatewayv2.update_api(ApiId=url.rpartition("/")[2], CorsConfiguration=CORS)
    answer = requests.options(f"{url}/here", headers=ALLOWED, timeout=20)
    assert (answer.status_code, answer.content) == (204, b"")
    assert cors_headers(answer) == {
        "access-control-allow-origin": "https://a.example",
        "access-control-allow-methods": "GET",
        "access-control-allow-headers": "content-type",
        "access-control-max-age": "60",
    }
    refused = requests.options(
        f"{url}/here", headers={**ALLOWED, "Origin": "https://b.example"}, timeout=20
    )
    assert (refused.status_code, cors_headers(refused)) == (204, {})


def test_configured_cors_headers_take_the_place_of_the_functions(
    clients: Clients, deploy: Deploy, api_of: ApiOf
) -> None:
    own = {"statusCode": 200, "headers": {"Access-Control-Allow-Origin": "https://own.example"}}
    url = api_of({"GET /here": deploy(answering(repr(own)))})
    without = requests.get(f"{url}/here", headers=ALLOWED, timeout=20)
    assert cors_headers(without) == {"access-control-allow-origin": "https://own.example"}
    clients.apigatewayv2.update_api(ApiId=url.rpartition("/")[2], CorsConfiguration=CORS)
    answer = requests.get(f"{url}/here", headers=ALLOWED, timeout=20)
    assert cors_headers(answer) == {"access-control-allow-origin": "https://a.example"}
    assert not cors_headers(requests.get(f"{url}/here", timeout=20))


def test_any_route_takes_preflight_requests_itself(
    clients: Clients, deploy: Deploy, api_of: ApiOf
) -> None:
    """https://github.com/aws/serverless-application-model/issues/1603"""
    url = api_of({"ANY /{proxy+}": deploy(answering("{'statusCode': 418}"))})
    clients.apigatewayv2.update_api(ApiId=url.rpartition("/")[2], CorsConfiguration=CORS)
    answer = requests.options(f"{url}/here", headers=ALLOWED, timeout=20)
    assert answer.status_code == 418
    assert cors_headers(answer)["access-control-allow-methods"] == "GET"


def test_route_throttling_overrides_the_stages(deploy: Deploy, api_of: ApiOf) -> None:
    function = deploy(answering("1"))
    limits = {"ThrottlingRateLimit": 0.01, "ThrottlingBurstLimit": 1}
    url = api_of(
        {"GET /few": function, "GET /many": function},
        RouteSettings={"GET /few": limits},
        DefaultRouteSettings={"ThrottlingRateLimit": 100, "ThrottlingBurstLimit": 100},
    )
    assert [requests.get(f"{url}/few", timeout=20).status_code for _ in range(2)] == [200, 429]
    assert [requests.get(f"{url}/many", timeout=20).status_code for _ in range(2)] == [200, 200]


def test_updating_a_stage_takes_effect_at_once(
    clients: Clients, deploy: Deploy, api_of: ApiOf
) -> None:
    url = api_of(
        {"$default": deploy(answering("event['stageVariables']"))}, StageVariables={"a": "1"}
    )
    api_id = url.rpartition("/")[2]
    assert requests.get(url, timeout=20).json() == {"a": "1"}
    updated = clients.apigatewayv2.update_stage(
        ApiId=api_id,
        StageName="$default",
        StageVariables={"a": "2"},
        DefaultRouteSettings={"ThrottlingRateLimit": 0.01, "ThrottlingBurstLimit": 1},
    )
    assert (updated["StageVariables"], updated["AutoDeploy"]) == ({"a": "2"}, True)
    assert requests.get(url, timeout=20).json() == {"a": "2"}
    assert requests.get(url, timeout=20).status_code == 429
    with pytest.raises(clients.apigatewayv2.exceptions.NotFoundException):
        clients.apigatewayv2.update_stage(ApiId=api_id, StageName="none")


def test_permission_of_an_alias_is_its_own(clients: Clients, deploy: Deploy, api_of: ApiOf) -> None:
    """https://docs.aws.amazon.com/lambda/latest/dg/configuration-aliases.html"""
    function = deploy(answering("context.invoked_function_arn.split(':', 7)[7]"))
    version = clients.lambda_.publish_version(FunctionName=function.name)["Version"]
    clients.lambda_.create_alias(FunctionName=function.name, Name="live", FunctionVersion=version)
    url = api_of({"$default": function})
    api_id = url.rpartition("/")[2]
    v2 = clients.apigatewayv2
    v2.update_integration(
        ApiId=api_id,
        IntegrationId=v2.get_integrations(ApiId=api_id)["Items"][0]["IntegrationId"],
        IntegrationUri=f"{function.arn}:live",
    )
    assert requests.get(url, timeout=20).status_code == 500
    clients.lambda_.add_permission(
        FunctionName=function.name,
        Qualifier="live",
        StatementId="alias",
        Action="lambda:InvokeFunction",
        Principal="apigateway.amazonaws.com",
    )
    assert requests.get(url, timeout=20).text == "live"


def test_request_line_and_headers_over_10240_bytes_are_a_431(http_api: str) -> None:
    """https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-quotas.html"""
    assert requests.get(http_api, headers={"X-Mine": "x" * 9000}, timeout=20).status_code == 200
    answer = requests.get(http_api, headers={"X-Mine": "x" * 5200, "X-2": "x" * 5200}, timeout=20)
    assert answer.status_code == 431


def test_integration_timeout_is_a_503(clients: Clients, deploy: Deploy, api_of: ApiOf) -> None:
    function = deploy("import time\ndef handler(event, context): time.sleep(2)", timeout=5)
    url = api_of({"$default": function})
    api_id = url.rpartition("/")[2]
    v2 = clients.apigatewayv2
    integration = v2.get_integrations(ApiId=api_id)["Items"][0]["IntegrationId"]
    v2.update_integration(ApiId=api_id, IntegrationId=integration, TimeoutInMillis=500)
    answer = requests.get(url, timeout=20)
    assert (answer.status_code, answer.json()) == (503, {"message": "Service Unavailable"})
    assert answer.elapsed.total_seconds() < 1.5


def test_access_log_tells_the_errors_of_gateway_and_integration(
    clients: Clients, deploy: Deploy, api_of: ApiOf
) -> None:
    """https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-logging-variables.html"""
    function = deploy(answering("1"))
    group = f"/aws/apigateway/{function.name}"
    clients.logs.create_log_group(logGroupName=group)
    arn = f"arn:aws:logs:us-east-1:000000000000:log-group:{group}"
    names = [
        "error.message",
        "error.messageString",
        "error.responseType",
        "integrationErrorMessage",
        "integration.status",
        "integrationStatus",
        "identity.caller",
        "authorizer.claims.sub",
    ]
    url = api_of(
        {"GET /here": function},
        AccessLogSettings={
            "DestinationArn": arn,
            "Format": "|".join(f"$context.{name}" for name in ("status", *names)),
        },
    )
    requests.get(f"{url}/here", timeout=20)
    requests.get(f"{url}/there", timeout=20)
    clients.lambda_.remove_permission(
        FunctionName=function.name, StatementId=url.rpartition("/")[2]
    )
    requests.get(f"{url}/here", timeout=20)

    def lines() -> list[str]:
        events = clients.logs.filter_log_events(logGroupName=group)["events"]
        return [event["message"] for event in events] if len(events) == 3 else []

    assert wait_until(lines) == [
        "200|-|-|-|-|200|200|-|-",
        '404|Not Found|"Not Found"|RESOURCE_NOT_FOUND|-|-|-|-|-',
        '500|Internal Server Error|"Internal Server Error"|INTEGRATION_FAILURE|'
        "The IAM role configured on the integration or API Gateway doesn't have permissions to"
        " call the integration. Check the permissions and try again.|-|-|-|-",
    ]
    clients.logs.delete_log_group(logGroupName=group)
