"""The data plane: takes a request to an HTTP API through its steps to its function.

Plain HTTP clients are served by `server.py`. TLS, and connections that `server.py` does not take,
are served by LocalStack's gateway through `gateway_handler.py`.
"""

import json
import secrets
import time
from dataclasses import dataclass

from moto.apigatewayv2.models import Api, Stage

from .. import http1
from ..faults.injection import SimulatedError, pass_call
from ..faults.rules import HTTP_API_OPERATION, HTTP_API_SERVICE, Call
from . import errors, routes, steps
from .addresses import find_stage
from .errors import HttpApiError
from .exchange import ApiRequest, ApiResponse, Exchange
from .integration import Integrations
from .throttle import Throttle


@dataclass(frozen=True)
class Client:
    """Where a request came from.

    :param scheme: http or https
    :param port: the server's
    """

    address: str
    scheme: str
    port: str


class DataPlane:
    def __init__(self) -> None:
        self._before_integration = steps.before_integration(Throttle())
        self._integrations = Integrations()

    def serve(self, api: Api, path: str, http: http1.Request, client: Client) -> ApiResponse:
        """
        :param path: the path below the API's URL
        :raises ResponseLostError: close the client's connection instead of answering
        """
        began = time.monotonic()
        stage, path = find_stage(api, path)
        exchange = Exchange(api, stage, _request(api, stage, path, http, client), began)
        try:
            response = self._respond(exchange)
        except HttpApiError as error:
            exchange.error = error
            response = _error_response(error)
        for step in steps.AFTER_INTEGRATION:
            step(exchange, response)
        return response

    def _respond(self, exchange: Exchange) -> ApiResponse:
        for step in self._before_integration:
            if response := step(exchange):
                return response
        return self._integrate(exchange)

    def _integrate(self, exchange: Exchange) -> ApiResponse:
        """Call the integration, with the faults that rules have for calls of the API."""
        request = exchange.request
        call = Call(HTTP_API_SERVICE, HTTP_API_OPERATION, request.region, request.api_id)
        try:
            return pass_call(call, lambda: self._integrations.call(exchange))
        except SimulatedError as error:
            raise errors.simulated(error) from error


def _error_response(error: HttpApiError) -> ApiResponse:
    body = json.dumps({"message": str(error)}, separators=(",", ":")).encode()
    return ApiResponse(error.status, [("Content-Type", "application/json")], body)


def _request(
    api: Api, stage: Stage | None, path: str, http: http1.Request, client: Client
) -> ApiRequest:
    matched = routes.match(
        [route.route_key for route in list(api.routes.values())], http.method, path
    )
    is_named = stage is not None and stage.name != routes.DEFAULT
    return ApiRequest(
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
