"""HTTP APIs over HTTP.

https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api.html
"""

import json
import re
from collections.abc import Callable
from typing import Any

import pytest
import requests

from .deploying import ENDPOINT, Clients, Deploy, wait_until

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
