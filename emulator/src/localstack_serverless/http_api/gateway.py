"""The data plane: takes a request to an HTTP API through throttling and routing to its function.

An API answers at `http://localhost:4566/_aws/execute-api/<api-id>/<path>`, which resolves
everywhere, and at `http://<api-id>.execute-api.<anything>:4566/<path>`.

Clients of plain HTTP are served by `server.py`; TLS, and what comes in no simple way, by
LocalStack's gateway, whose handler this is as well.
"""

import json
import re
import secrets
import time
from dataclasses import dataclass
from typing import Any

from localstack.aws.api import RequestContext
from localstack.aws.chain import Handler, HandlerChain
from localstack.http import Response as HttpResponse
from moto.apigatewayv2.models import Api, Stage, apigatewayv2_backends

from .. import wire
from ..chaos.faults import ResponseLostError, SimulatedError, pass_call
from ..chaos.gateway import lose_response
from ..chaos.rules import HTTP_API_OPERATION, HTTP_API_SERVICE, Call
from . import access_log, cors, errors, routes
from .errors import GatewayError
from .integration import Integrations
from .payload import Exchange, Request, Response
from .throttle import Throttle

PATH_PREFIX = "/_aws/execute-api/"
HOST = re.compile(r"([a-z0-9]+)\.execute-api\.")
# https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-quotas.html
MAX_BODY_BYTES = 10 * 1024 * 1024
MAX_HEADER_BYTES = 10240


@dataclass(frozen=True)
class Client:
    """Where a request came from, and by which way.

    :param scheme: http or https
    :param port: the server's
    """

    address: str
    scheme: str
    port: str


class HttpApiGateway(Handler):
    """A handler of LocalStack's gateway, ahead of its AWS request parsing and its own CORS."""

    def __init__(self) -> None:
        self._throttle = Throttle()
        self._integrations = Integrations()

    def __call__(
        self, chain: HandlerChain[RequestContext], context: RequestContext, response: HttpResponse
    ) -> None:
        http = context.request
        # every call of AWS comes by: only what is to an API is looked at any further
        if not (found := _find(_raw_target(http), http.headers.get("Host", ""))):
            return
        request = wire.Request(
            http.method,
            _raw_target(http),
            list(http.headers.items()),
            http.get_data(),
            http.environ.get("SERVER_PROTOCOL", "HTTP/1.1").removeprefix("HTTP/"),
        )
        port = http.environ.get("SERVER_PORT", "")
        client = Client(http.remote_addr or "127.0.0.1", http.scheme, port)
        try:
            answer = self._serve(*found, request, client)
        except ResponseLostError:
            lose_response(context)
            chain.terminate()
            return
        response.status_code = answer.status
        response.set_response(answer.body)
        response.headers.clear()
        for name, value in answer.headers:
            response.headers.add(name, value)
        chain.terminate()

    def serve(self, request: wire.Request, client: Client) -> Response | None:
        """The API's response; None where the request is to no API.

        :raises ResponseLostError: the client shall see its connection closed instead
        """
        found = _find(request.target, request.header("host"))
        return self._serve(*found, request, client) if found else None

    def _serve(self, api: Api, path: str, http: wire.Request, client: Client) -> Response:
        began = time.monotonic()
        stage, path = _stage(api, path)
        exchange = Exchange(_request(api, stage, path, http, client))
        try:
            response = self._respond(api, stage, exchange)
        except GatewayError as error:
            exchange.error = error
            response = _error_response(error)
        if api.cors_configuration:
            cors.apply(api.cors_configuration, exchange.request, response)
        response.headers.append(("Apigw-Requestid", exchange.request.request_id))
        if stage and stage.access_log_settings:
            exchange.status, exchange.response_length = response.status, len(response.body)
            exchange.seconds = time.monotonic() - began
            line = access_log.render(stage.access_log_settings["format"], exchange)
            access_log.write(stage.access_log_settings["destinationArn"], line)
        return response

    def _respond(self, api: Api, stage: Stage | None, exchange: Exchange) -> Response:
        request = exchange.request
        if _header_bytes(request) > MAX_HEADER_BYTES:
            raise errors.headers_too_large()
        if stage is None:
            raise errors.not_found()
        if not request.route_key:
            if request.method == "OPTIONS" and api.cors_configuration:
                return cors.preflight_response()
            raise errors.not_found()
        settings = _route_settings(stage, request.route_key)
        if not self._throttle.admit((api.api_id, stage.name, request.route_key), settings):
            raise errors.throttled()
        if len(request.body) > MAX_BODY_BYTES:
            raise errors.body_too_large()
        call = Call(HTTP_API_SERVICE, HTTP_API_OPERATION, request.region, api.api_id)
        try:
            return pass_call(call, lambda: self._integrations.call(api, exchange))
        except SimulatedError as error:
            raise errors.simulated(error) from error


def _error_response(error: GatewayError) -> Response:
    body = json.dumps({"message": str(error)}, separators=(",", ":")).encode()
    return Response(error.status, [("Content-Type", "application/json")], body)


def _header_bytes(request: Request) -> int:
    """Of the request line and the headers' values, as the quota counts them."""
    line = len(request.method) + len(request.raw_path) + len(request.raw_query)
    return line + sum(len(value) for _, value in request.headers)


def _route_settings(stage: Stage, route_key: str) -> dict[str, Any]:
    """The stage's default settings with those that the route has of its own."""
    defaults = stage.default_route_settings or {}
    own = (stage.route_settings or {}).get(route_key)
    return {**defaults, **own} if own else defaults


def _raw_target(http: Any) -> str:
    return str(http.environ.get("RAW_URI") or http.full_path)


def _find(target: str, host: str) -> tuple[Api, str] | None:
    """The API and the path below it, from either form of URL; None where there is none."""
    path = target.partition("?")[0]
    if path.startswith(PATH_PREFIX):
        api_id, slash, rest = path.removeprefix(PATH_PREFIX).partition("/")
        path = slash + rest or "/"
    elif found := HOST.match(host):
        api_id = found[1]
    else:
        return None
    api = _find_api(api_id)
    return (api, path) if api else None


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


def _request(
    api: Api, stage: Stage | None, path: str, http: wire.Request, client: Client
) -> Request:
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
        raw_query=http.target.partition("?")[2],
        headers=http.headers,
        body=http.body,
        source_ip=client.address,
        protocol=f"HTTP/{http.version}",
        scheme=client.scheme,
        port=client.port,
        path_parameters=matched.path_parameters if matched else {},
        stage_variables=stage.stage_variables or {} if stage else {},
    )
