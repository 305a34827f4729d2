"""The data plane: takes a request to an HTTP API through throttling and routing to its function.

An API answers at `http://localhost:4566/_aws/execute-api/<api-id>/<path>`, which resolves
everywhere, and at `http://<api-id>.execute-api.<anything>:4566/<path>`.
"""

import json
import logging
import re
import secrets
import time
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as FutureTimeoutError
from typing import Any

from localstack.aws.api import RequestContext
from localstack.aws.api.lambda_ import InvocationType
from localstack.aws.chain import Handler, HandlerChain
from localstack.http import Response as HttpResponse
from localstack.services.lambda_.invocation.models import lambda_stores
from localstack.utils.strings import long_uid
from moto.apigatewayv2.models import Api, Stage, apigatewayv2_backends

from ..services import lambda_service
from . import access_log, payload, routes
from .payload import Request, Response
from .throttle import Throttle

LOG = logging.getLogger(__name__)

PATH_PREFIX = "/_aws/execute-api/"
HOST = re.compile(r"([a-z0-9]+)\.execute-api\.")
MAX_BODY_BYTES = 10 * 1024 * 1024
MAX_INTEGRATION_SECONDS = 30
FUNCTION_ARN = re.compile(
    r"arn:[^:]+:lambda:(?P<region>[^:]+):(?P<account>\d+):function:"
    r"(?P<name>[^:/]+)(?::(?P<qualifier>[^:/]+))?"
)


class GatewayError(Exception):
    """The gateway answers itself, with a status and AWS's message."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


class HttpApiGateway(Handler):
    """A handler of LocalStack's gateway, ahead of its AWS request parsing."""

    def __init__(self) -> None:
        self._throttle = Throttle()
        # for functions that may run longer than the gateway waits for them
        self._pool = ThreadPoolExecutor(64, thread_name_prefix="http-api-integration")

    def __call__(
        self, chain: HandlerChain[RequestContext], context: RequestContext, response: HttpResponse
    ) -> None:
        target = _target(context.request)
        api = target and _find_api(target[0])
        if not target or not api:
            return
        answer = self._serve(api, target[1], context.request)
        response.status_code = answer.status
        response.set_response(answer.body)
        response.headers.clear()
        for name, value in answer.headers:
            response.headers.add(name, value)
        chain.terminate()

    def _serve(self, api: Api, path: str, http: Any) -> Response:
        began = time.monotonic()
        stage, path = _stage(api, path)
        request = _request(api, stage, path, http)
        error = ""
        try:
            response = self._integrate(api, stage, request)
        except GatewayError as refused:
            error = str(refused)
            body = json.dumps({"message": error}, separators=(",", ":")).encode()
            response = Response(refused.status, [("Content-Type", "application/json")], body)
        response.headers.append(("Apigw-Requestid", request.request_id))
        if stage and stage.access_log_settings:
            variables = access_log.variables_of(
                request, response.status, len(response.body), time.monotonic() - began, error
            )
            line = access_log.render(stage.access_log_settings["format"], variables)
            access_log.write(stage.access_log_settings["destinationArn"], line)
        return response

    def _integrate(self, api: Api, stage: Stage | None, request: Request) -> Response:
        if stage is None or not request.route_key:
            raise GatewayError(404, "Not Found")
        settings = stage.route_settings.get(request.route_key) or stage.default_route_settings or {}
        if not self._throttle.admit((api.api_id, stage.name, request.route_key), settings):
            raise GatewayError(429, "Too Many Requests")
        if len(request.body) > MAX_BODY_BYTES:
            raise GatewayError(413, "Request Entity Too Large")
        result = self._invoke(_integration_uri(api, request.route_key), payload.to_event(request))
        try:
            return payload.to_response(result)
        except (payload.MalformedResponseError, ValueError) as error:
            LOG.warning("malformed response of the function for %s: %s", request.route_key, error)
            raise GatewayError(500, "Internal Server Error") from error

    def _invoke(self, integration_uri: str, event: dict[str, Any]) -> bytes:
        found = FUNCTION_ARN.search(integration_uri)
        if not found:
            raise GatewayError(500, "Internal Server Error")
        arguments = {
            "function_name": found["name"],
            "qualifier": found["qualifier"],
            "region": found["region"],
            "account_id": found["account"],
            "invocation_type": InvocationType.RequestResponse,
            "client_context": None,
            "request_id": long_uid(),
            "payload": json.dumps(event).encode(),
        }
        try:
            if _timeout_of(found) <= MAX_INTEGRATION_SECONDS:
                result = lambda_service().invoke(**arguments)
            else:
                future = self._pool.submit(lambda_service().invoke, **arguments)
                result = future.result(MAX_INTEGRATION_SECONDS)
        except FutureTimeoutError as error:
            raise GatewayError(503, "Service Unavailable") from error
        except Exception as error:
            LOG.warning("cannot invoke %s: %s", found["name"], error)
            raise GatewayError(500, "Internal Server Error") from error
        if result.is_error:
            raise GatewayError(500, "Internal Server Error")
        return bytes(result.payload)


def _target(http: Any) -> tuple[str, str] | None:
    """The API's id and the path below it, from either form of URL."""
    path = http.environ.get("RAW_URI", http.path).partition("?")[0]
    if path.startswith(PATH_PREFIX):
        api_id, slash, rest = path.removeprefix(PATH_PREFIX).partition("/")
        return api_id, slash + rest or "/"
    found = HOST.match(http.host)
    return (found[1], path) if found else None


def _find_api(api_id: str) -> Api | None:
    for regions in apigatewayv2_backends.values():
        for backend in regions.values():
            if api := backend.apis.get(api_id):
                return api
    return None


def _stage(api: Api, path: str) -> tuple[Stage | None, str]:
    """The stage that the path's first segment names, else $default; and the path below it."""
    first, _, rest = path.lstrip("/").partition("/")
    if first in api.stages:
        return api.stages[first], f"/{rest}"
    return api.stages.get(routes.DEFAULT), path


def _request(api: Api, stage: Stage | None, path: str, http: Any) -> Request:
    matched = routes.match(
        [route.route_key for route in list(api.routes.values())], http.method, path
    )
    is_named = stage is not None and stage.name != routes.DEFAULT
    return Request(
        api_id=api.api_id,
        account_id=api.backend.account_id,
        region=api.backend.region_name,
        stage=stage.name if stage else "",
        route_key=matched.route_key if matched else "",
        request_id=secrets.token_urlsafe(11) + "=",
        method=http.method,
        raw_path=f"/{stage.name}{path}" if stage and is_named else path,
        raw_query=http.environ.get("QUERY_STRING", ""),
        headers=list(http.headers.items()),
        body=http.get_data(),
        source_ip=http.remote_addr or "127.0.0.1",
        protocol=http.environ.get("SERVER_PROTOCOL", "HTTP/1.1"),
        path_parameters=matched.path_parameters if matched else {},
        stage_variables=stage.stage_variables or {} if stage else {},
    )


def _integration_uri(api: Api, route_key: str) -> str:
    route = next(route for route in list(api.routes.values()) if route.route_key == route_key)
    integration = api.integrations.get((route.target or "").removeprefix("integrations/"))
    return integration.integration_uri if integration else ""


def _timeout_of(function: re.Match[str]) -> float:
    found = lambda_stores[function["account"]][function["region"]].functions.get(function["name"])
    if not found:
        return 0
    return float(found.latest().config.timeout)
