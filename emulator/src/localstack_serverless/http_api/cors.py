"""CORS of HTTP APIs that have a CORS configuration.

The API itself answers OPTIONS requests that match no route; a route that matches them (OPTIONS,
ANY, $default) is invoked like any other. Responses get the configured headers if the request's
Origin is allowed. CORS headers of the integration are dropped.
https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-cors.html
https://github.com/aws/serverless-application-model/issues/1603
"""

from collections.abc import Mapping
from typing import Any

from .exchange import ApiRequest, ApiResponse

# As moto stores it: allowOrigins, allowMethods, allowHeaders, exposeHeaders, maxAge, ...
type Configuration = Mapping[str, Any]

_PREFIX = "access-control-"
_ANY_OF_SCHEME = ("http://*", "https://*")


def preflight_response() -> ApiResponse:
    return ApiResponse(204, [], b"")


def apply(configuration: Configuration, request: ApiRequest, response: ApiResponse) -> None:
    """Replace the integration's CORS headers by the configured ones."""
    response.headers[:] = [
        header for header in response.headers if not header[0].lower().startswith(_PREFIX)
    ]
    if allowed := _allowed_origin(configuration, request.header("origin")):
        response.headers.extend(_headers(configuration, allowed, request.method == "OPTIONS"))


def _allowed_origin(configuration: Configuration, origin: str) -> str:
    """The value of Access-Control-Allow-Origin; empty if the origin is not allowed."""
    origins = configuration.get("allowOrigins") or []
    if not origin:
        return ""
    if "*" in origins:
        return "*"
    is_allowed = origin.lower() in map(str.lower, origins) or any(
        pattern in origins and origin.startswith(pattern[:-1]) for pattern in _ANY_OF_SCHEME
    )
    return origin if is_allowed else ""


def _headers(
    configuration: Configuration, origin: str, is_preflight: bool
) -> list[tuple[str, str]]:
    headers = {
        "Access-Control-Allow-Origin": origin,
        "Access-Control-Allow-Credentials": "true" if configuration.get("allowCredentials") else "",
        "Access-Control-Expose-Headers": ",".join(configuration.get("exposeHeaders") or []),
    }
    if is_preflight:
        headers |= {
            "Access-Control-Allow-Methods": ",".join(configuration.get("allowMethods") or []),
            "Access-Control-Allow-Headers": ",".join(configuration.get("allowHeaders") or []),
            "Access-Control-Max-Age": str(configuration.get("maxAge", "")),
        }
    return [(name, value) for name, value in headers.items() if value]
