"""Payload format 2.0: the event that a function gets, and the response that it may return.

https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
"""

import base64
import binascii
import json
import secrets
from collections.abc import Iterable
from typing import Any
from urllib.parse import parse_qsl, unquote

from .exchange import ApiRequest, ApiResponse

# Bodies of these types are passed to the function as text, all others as base64.
TEXT_TYPES = ("text/", "application/json", "application/xml", "application/javascript")
HOP_BY_HOP = frozenset({"connection", "keep-alive", "te", "transfer-encoding", "upgrade"})
# The event has a separate key for cookies.
NOT_IN_EVENT = HOP_BY_HOP | {"cookie"}
# The server sets the length, whatever the function returned.
NOT_IN_RESPONSE = HOP_BY_HOP | {"content-length"}


class MalformedResponseError(Exception):
    """The function's response cannot be converted to an HTTP response."""


def to_event(request: ApiRequest) -> dict[str, Any]:
    """The event, without the keys that AWS leaves out if they are empty."""
    query = parse_qsl(request.raw_query, keep_blank_values=True)
    cookies = [
        part.strip()
        for name, value in request.headers
        if name.lower() == "cookie"
        for part in value.split(";")
        if part.strip()
    ]
    event: dict[str, Any] = {
        "version": "2.0",
        "routeKey": request.route_key,
        "rawPath": unquote(request.raw_path),
        "rawQueryString": request.raw_query,
        "headers": _headers(request),
        "requestContext": _request_context(request),
    }
    optional = {
        "cookies": cookies,
        "queryStringParameters": _join(query),
        "pathParameters": {name: unquote(value) for name, value in request.path_parameters.items()},
        "stageVariables": dict(request.stage_variables),
    }
    event.update({name: value for name, value in optional.items() if value})
    body, event["isBase64Encoded"] = _encode_body(request.body, request.header("content-type"))
    if request.body:
        event["body"] = body
    return event


def to_response(payload: bytes) -> ApiResponse:
    """Convert the function's result. Without a statusCode, the whole result is the body of a 200.

    :raises MalformedResponseError: a field has a type that HTTP cannot carry
    """
    result = json.loads(payload or b"null")
    if not isinstance(result, dict) or "statusCode" not in result:
        body = result.encode() if isinstance(result, str) else payload
        return ApiResponse(200, [("Content-Type", "application/json")], body)
    try:
        status = _status(result["statusCode"])
        headers = [
            _header(name, value)
            for name, value in (result.get("headers") or {}).items()
            if name.lower() not in NOT_IN_RESPONSE
        ]
        headers += [_header("Set-Cookie", cookie) for cookie in result.get("cookies") or []]
        body = _text(result.get("body") or "").encode()
        if result.get("isBase64Encoded"):
            body = base64.b64decode(body, validate=True)
    except (AttributeError, TypeError, ValueError, binascii.Error) as error:
        raise MalformedResponseError(str(error)) from error
    if not any(name.lower() == "content-type" for name, _ in headers):
        headers.append(("Content-Type", "text/plain;charset=UTF-8"))
    return ApiResponse(status, headers, body)


def _headers(request: ApiRequest) -> dict[str, str]:
    """The client's headers with lower-case names, and the headers that API Gateway adds."""
    headers = _join((name.lower(), value) for name, value in request.headers)
    for name in NOT_IN_EVENT & headers.keys():
        del headers[name]
    client, seconds = headers.get("x-forwarded-for"), int(request.received.timestamp())
    headers["x-forwarded-for"] = f"{client}, {request.source_ip}" if client else request.source_ip
    headers["x-forwarded-port"] = request.port
    headers["x-forwarded-proto"] = request.scheme
    headers.setdefault("x-amzn-trace-id", f"Root=1-{seconds:08x}-{secrets.token_hex(12)}")
    headers.setdefault("content-length", str(len(request.body)))
    return headers


def _request_context(request: ApiRequest) -> dict[str, Any]:
    return {
        "accountId": request.account_id,
        "apiId": request.api_id,
        "domainName": request.header("host"),
        "domainPrefix": request.api_id,
        "http": {
            "method": request.method,
            "path": unquote(request.raw_path),
            "protocol": request.protocol,
            "sourceIp": request.source_ip,
            "userAgent": request.header("user-agent"),
        },
        "requestId": request.request_id,
        "routeKey": request.route_key,
        "stage": request.stage,
        "time": request.received.strftime("%d/%b/%Y:%H:%M:%S +0000"),
        "timeEpoch": int(request.received.timestamp() * 1000),
    }


def _join(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    joined: dict[str, str] = {}
    for name, value in pairs:
        joined[name] = f"{joined[name]},{value}" if name in joined else value
    return joined


def _encode_body(body: bytes, content_type: str) -> tuple[str, bool]:
    if content_type.lower().startswith(TEXT_TYPES):
        try:
            return body.decode(), False
        except UnicodeDecodeError:
            pass
    return base64.b64encode(body).decode(), bool(body)


def _status(value: Any) -> int:
    status = int(value)
    if not 200 <= status <= 599:
        raise ValueError(f"statusCode {status} is not between 200 and 599")
    return status


def _header(name: str, value: Any) -> tuple[str, str]:
    text = _text(value)
    if set("\r\n") & set(name + text):
        raise ValueError(f"header {name!r} has a line break")
    return name, text


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str | int | float):
        return str(value)
    raise TypeError(f"{value!r} is neither a string nor a number")
