"""How an HTTP API routes a request, and the event that the function gets."""

import base64
import json
from collections.abc import Callable
from datetime import datetime

import pytest
from aws_lambda_powertools.utilities.parser.models import APIGatewayProxyEventV2Model

from testing.functions import Function, FunctionFactory, answering
from testing.http_apis import Api, ApiFactory
from testing.target import Target

from .docs import (
    ALIASES,
    HTTP_API_LAMBDA,
    HTTP_API_ROUTES,
    HTTP_API_STAGE_API,
    HTTP_API_STAGES,
    cites,
)

pytestmark = pytest.mark.group("HTTP API")

Shared = Callable[[str], Function]
ROUTE_KEY = answering("event['routeKey']")


@pytest.fixture(scope="session")
def example(shared_api: ApiFactory, shared: Shared) -> Api:
    """The routes of AWS's example; each answers with its route key."""
    keys = [
        "GET /pets/dog/1",
        "GET /pets/dog/{id}",
        "GET /pets/{proxy+}",
        "ANY /{proxy+}",
        "$default",
    ]
    return shared_api(dict.fromkeys(keys, shared(ROUTE_KEY)))


@pytest.fixture(scope="session")
def few_routes(shared_api: ApiFactory, shared: Shared) -> Api:
    """An API without $default route; its functions return what the test checks."""
    key, parameters = shared(ROUTE_KEY), shared(answering("event['pathParameters']"))
    return shared_api(
        {
            "GET /here": key,
            "ANY /here": key,
            "GET /pets/{petID}": parameters,
            "GET /files/{proxy+}": parameters,
            "GET /owners/{owner}/{rest+}": parameters,
        }
    )


@pytest.fixture(scope="session")
def stages(shared_api: ApiFactory, shared: Shared) -> Api:
    """An API with the stages $default and dev, each with its own variable."""
    expression = "[event['requestContext']['stage'], event['stageVariables']['color']]"
    api = shared_api({"GET /here": shared(answering(expression))}, StageVariables={"color": "red"})
    api.add_stage("dev", StageVariables={"color": "blue"})
    return api


@cites(HTTP_API_ROUTES)
def test_route_that_matches_fully_wins(example: Api) -> None:
    assert example.get("/pets/dog/1").text == "GET /pets/dog/1"


@cites(HTTP_API_ROUTES)
def test_path_variable_matches_before_a_greedy_one(example: Api) -> None:
    assert example.get("/pets/dog/2").text == "GET /pets/dog/{id}"


@cites(HTTP_API_ROUTES)
def test_greedy_path_variable_catches_what_no_route_matches_fully(example: Api) -> None:
    assert example.get("/pets/cat/1").text == "GET /pets/{proxy+}"


@cites(HTTP_API_ROUTES)
def test_greedy_route_with_any_method_wins_over_default(example: Api) -> None:
    assert example.request("POST", "/test/5").text == "ANY /{proxy+}"


@cites(HTTP_API_ROUTES)
def test_default_route_catches_the_rest(example: Api) -> None:
    assert example.get("/").text == "$default"


@cites(HTTP_API_ROUTES)
def test_any_takes_the_methods_without_a_route_of_their_own(few_routes: Api) -> None:
    assert few_routes.get("/here").text == "GET /here"
    assert few_routes.request("PUT", "/here").text == "ANY /here"


@cites(HTTP_API_ROUTES)
def test_request_that_no_route_takes_is_a_404(few_routes: Api) -> None:
    answer = few_routes.get("/there")
    assert (answer.status_code, answer.json()) == (404, {"message": "Not Found"})


@cites(HTTP_API_ROUTES)
def test_method_that_no_route_takes_is_a_404(few_routes: Api) -> None:
    assert few_routes.request("POST", "/pets/6").status_code == 404


@cites(HTTP_API_ROUTES)
def test_path_variable_is_a_path_parameter(few_routes: Api) -> None:
    assert few_routes.get("/pets/6").json() == {"petID": "6"}


@cites(HTTP_API_ROUTES)
def test_greedy_path_variable_holds_all_segments(few_routes: Api) -> None:
    assert few_routes.get("/files/a/b/c").json() == {"proxy": "a/b/c"}


@cites(HTTP_API_ROUTES)
def test_greedy_path_variable_follows_others(few_routes: Api) -> None:
    assert few_routes.get("/owners/ann/dog/1").json() == {"owner": "ann", "rest": "dog/1"}


@cites(HTTP_API_STAGES)
def test_default_stage_is_served_from_the_base_of_the_url(stages: Api) -> None:
    assert stages.get("/here").json() == ["$default", "red"]


@cites(HTTP_API_STAGES)
def test_named_stage_is_the_first_segment_of_the_path(stages: Api) -> None:
    assert stages.get("/dev/here").json() == ["dev", "blue"]


@cites(HTTP_API_ROUTES)
def test_api_without_matching_stage_is_a_404(api_of: ApiFactory, shared: Shared) -> None:
    api = api_of({"GET /here": shared(ROUTE_KEY)}, stage="dev")
    assert api.wait_for(200, "/dev/here").text == "GET /here"
    answer = api.get("/here")
    assert (answer.status_code, answer.json()) == (404, {"message": "Not Found"})


@cites(HTTP_API_STAGES)
def test_change_is_released_by_automatic_deployment(api_of: ApiFactory, shared: Shared) -> None:
    function = shared(ROUTE_KEY)
    api = api_of({"GET /here": function})
    assert api.get("/there").status_code == 404
    api.add_route("GET /there", function.arn)
    assert api.wait_for(200, "/there").text == "GET /there"


@cites(HTTP_API_STAGE_API)
def test_updated_stage_variables_take_effect(
    aws: Target, api_of: ApiFactory, shared: Shared
) -> None:
    function = shared(answering("event.get('stageVariables')"))
    api = api_of({"$default": function}, StageVariables={"a": "1"})
    assert api.wait_for(200).json() == {"a": "1"}
    stage = {"ApiId": api.id, "StageName": "$default"}
    aws.apigatewayv2.update_stage(**stage, StageVariables={"a": "2"})
    aws.wait_until(lambda: api.get().json() == {"a": "2"})


@cites(HTTP_API_STAGE_API)
def test_unknown_stage_cannot_be_updated(aws: Target, echo: Api) -> None:
    with pytest.raises(aws.apigatewayv2.exceptions.NotFoundException):
        aws.apigatewayv2.update_stage(ApiId=echo.id, StageName="none", Description="none")


@cites(ALIASES)
def test_integration_with_an_alias_invokes_its_version(
    aws: Target, api_of: ApiFactory, deploy: FunctionFactory
) -> None:
    function = deploy(answering("context.function_version"))
    version = function.publish()
    aws.lambda_.create_alias(FunctionName=function.name, Name="live", FunctionVersion=version)
    api = api_of.create()
    api.add_route("$default", f"{function.arn}:live")
    api.permit(function, Qualifier="live")
    api.add_stage()
    assert api.wait_for(200).text == version


@cites(HTTP_API_LAMBDA)
def test_event_has_the_documented_keys(echo: Api) -> None:
    event = echo.request("POST", "/my/path?a=1", data="Hello", headers={"Cookie": "a=1"}).json()
    assert event.keys() == {
        "version",
        "routeKey",
        "rawPath",
        "rawQueryString",
        "cookies",
        "headers",
        "queryStringParameters",
        "requestContext",
        "body",
        "isBase64Encoded",
    }
    assert (event["version"], event["routeKey"]) == ("2.0", "$default")


@cites(HTTP_API_LAMBDA)
def test_event_is_one_for_powertools(echo: Api) -> None:
    answer = echo.request("POST", "/my/path?a=1", json={"k": 1}, headers={"Cookie": "a=1"})
    event = APIGatewayProxyEventV2Model.model_validate(answer.json())
    assert event.requestContext.apiId == echo.id


@cites(HTTP_API_LAMBDA)
def test_request_context_has_the_documented_keys(echo: Api) -> None:
    context = echo.get("/my/path", headers={"User-Agent": "agent"}).json()["requestContext"]
    assert context.keys() >= {
        "accountId",
        "apiId",
        "domainName",
        "domainPrefix",
        "http",
        "requestId",
        "routeKey",
        "stage",
        "time",
        "timeEpoch",
    }
    assert context["http"].keys() == {"method", "path", "protocol", "sourceIp", "userAgent"}


@cites(HTTP_API_LAMBDA)
def test_request_context_describes_the_request(echo: Api) -> None:
    context = echo.request("PATCH", "/my/path", headers={"User-Agent": "agent"}).json()[
        "requestContext"
    ]
    assert (context["apiId"], context["stage"], context["routeKey"]) == (
        echo.id,
        "$default",
        "$default",
    )
    assert context["http"]["method"] == "PATCH"
    assert context["http"]["path"] == "/my/path"
    assert context["http"]["protocol"] == "HTTP/1.1"
    assert context["http"]["userAgent"] == "agent"


@cites(HTTP_API_LAMBDA)
def test_request_time_is_given_in_two_formats(echo: Api) -> None:
    context = echo.get().json()["requestContext"]
    time = datetime.strptime(context["time"], "%d/%b/%Y:%H:%M:%S %z")
    assert int(time.timestamp()) == context["timeEpoch"] // 1000


@cites(HTTP_API_LAMBDA)
def test_path_and_query_arrive_raw(echo: Api) -> None:
    event = echo.get("/my/path?parameter1=value1&parameter1=value2&parameter2=value").json()
    assert event["rawPath"] == "/my/path"
    assert event["rawQueryString"] == "parameter1=value1&parameter1=value2&parameter2=value"


@cites(HTTP_API_LAMBDA)
def test_duplicate_query_strings_are_combined_with_commas(echo: Api) -> None:
    event = echo.get("/?parameter1=value1&parameter1=value2&parameter2=value").json()
    assert event["queryStringParameters"] == {"parameter1": "value1,value2", "parameter2": "value"}


@cites(HTTP_API_LAMBDA)
def test_header_names_are_lower_case(echo: Api) -> None:
    headers = echo.get(headers={"X-Mixed-CASE": "Value"}).json()["headers"]
    assert headers["x-mixed-case"] == "Value"
    assert all(name == name.lower() for name in headers)


@cites(HTTP_API_LAMBDA)
def test_cookies_have_a_key_of_their_own(echo: Api) -> None:
    assert echo.get(headers={"Cookie": "a=1; b=2"}).json()["cookies"] == ["a=1", "b=2"]


@cites(HTTP_API_LAMBDA)
def test_text_body_arrives_as_it_is(echo: Api) -> None:
    body = '{ "k":  "\u00e9" }'
    event = echo.request(
        "POST", data=body.encode(), headers={"Content-Type": "application/json"}
    ).json()
    assert (event["body"], event["isBase64Encoded"]) == (body, False)


@cites(HTTP_API_LAMBDA)
def test_binary_body_arrives_whole(echo: Api) -> None:
    sent = bytes(range(256))
    event = echo.request(
        "POST", data=sent, headers={"Content-Type": "application/octet-stream"}
    ).json()
    assert event["isBase64Encoded"] is True
    assert base64.b64decode(event["body"]) == sent


@cites(HTTP_API_LAMBDA)
def test_stage_variables_are_in_the_event(stages: Api) -> None:
    assert stages.get("/here").json()[1] == "red"


@cites(HTTP_API_LAMBDA)
def test_request_without_body_has_none_in_its_event(echo: Api) -> None:
    event = echo.get().json()
    assert event.get("body") in (None, "")
    assert event["isBase64Encoded"] is False
    assert json.dumps(event)
