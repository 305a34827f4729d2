"""The steps that a request to an HTTP API goes through, in order.

Before the integration: each step returns None to continue, or the response that ends the request,
or raises HttpApiError. After it: each step may change the response, whoever made it. To add a
step, write its function and put it into one of the two lists.
"""

import time
from collections.abc import Callable
from functools import partial
from typing import Any

from moto.apigatewayv2.models import Stage

from . import access_log, cors, errors
from .exchange import ApiRequest, ApiResponse, Exchange
from .throttle import Throttle

# https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-quotas.html
MAX_BODY_BYTES = 10 * 1024 * 1024
MAX_HEADER_BYTES = 10240

type StepBefore = Callable[[Exchange], ApiResponse | None]
type StepAfter = Callable[[Exchange, ApiResponse], None]


def before_integration(throttle: Throttle) -> list[StepBefore]:
    """The order decides which refusal a request gets that deserves several."""
    return [
        limit_headers,
        require_stage,
        answer_preflight,
        require_route,
        partial(limit_rate, throttle),
        limit_body,
    ]


def limit_headers(exchange: Exchange) -> None:
    if _header_bytes(exchange.request) > MAX_HEADER_BYTES:
        raise errors.headers_too_large()


def require_stage(exchange: Exchange) -> None:
    if exchange.stage is None:
        raise errors.not_found()


def answer_preflight(exchange: Exchange) -> ApiResponse | None:
    request = exchange.request
    if not request.route_key and request.method == "OPTIONS" and exchange.api.cors_configuration:
        return cors.preflight_response()
    return None


def require_route(exchange: Exchange) -> None:
    if not exchange.request.route_key:
        raise errors.not_found()


def limit_rate(throttle: Throttle, exchange: Exchange) -> None:
    # not None: require_stage comes first
    stage: Stage = exchange.stage
    route_key = exchange.request.route_key
    bucket = (exchange.api.api_id, stage.name, route_key)
    if not throttle.admit(bucket, _route_settings(stage, route_key)):
        raise errors.throttled()


def limit_body(exchange: Exchange) -> None:
    if len(exchange.request.body) > MAX_BODY_BYTES:
        raise errors.body_too_large()


def add_cors_headers(exchange: Exchange, response: ApiResponse) -> None:
    if exchange.api.cors_configuration:
        cors.apply(exchange.api.cors_configuration, exchange.request, response)


def add_request_id(exchange: Exchange, response: ApiResponse) -> None:
    response.headers.append(("Apigw-Requestid", exchange.request.request_id))


def write_access_log(exchange: Exchange, response: ApiResponse) -> None:
    settings = exchange.stage and exchange.stage.access_log_settings
    if settings:
        seconds = time.monotonic() - exchange.began
        line = access_log.render(settings["format"], access_log.Entry(exchange, response, seconds))
        access_log.write(settings["destinationArn"], line)


# the access log last: it measures the whole
AFTER_INTEGRATION: list[StepAfter] = [add_cors_headers, add_request_id, write_access_log]


def _header_bytes(request: ApiRequest) -> int:
    """The size of the request line and of the headers' values, as AWS counts it for the quota."""
    line = len(request.method) + len(request.raw_path) + len(request.raw_query)
    return line + sum(len(value) for _, value in request.headers)


def _route_settings(stage: Stage, route_key: str) -> dict[str, Any]:
    """The stage's default settings, overridden by those of the route."""
    defaults = stage.default_route_settings or {}
    own = (stage.route_settings or {}).get(route_key)
    return {**defaults, **own} if own else defaults
