"""A stage's access log: its format with the $context variables filled in, to CloudWatch Logs.

https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-logging-variables.html
"""

import re
from collections.abc import Callable
from datetime import UTC, datetime
from functools import lru_cache

from ..logs import WRITER, Stream
from .payload import Exchange

_VARIABLE = re.compile(r"\$context\.([A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)*)")

type _Part = str | Callable[[Exchange], str]


def write(log_group_arn: str, line: str) -> None:
    _, _, _, region, account_id, _, group = log_group_arn.removesuffix(":*").split(":", 6)
    WRITER.write(Stream(account_id, region, group, f"{datetime.now(UTC):%Y/%m/%d}/http-api"), line)


def render(log_format: str, exchange: Exchange) -> str:
    """Fill in the variables; one without a value becomes a hyphen, as AWS writes it."""
    return "".join(
        part if isinstance(part, str) else part(exchange) or "-" for part in _parse(log_format)
    )


@lru_cache(maxsize=256)
def _parse(log_format: str) -> tuple[_Part, ...]:
    # split() gives text and names in turn
    pieces = _VARIABLE.split(log_format)
    return tuple(
        _VARIABLES.get(piece, "-") if index % 2 else piece for index, piece in enumerate(pieces)
    )


def _milliseconds(seconds: float | None) -> str:
    return "" if seconds is None else str(round(seconds * 1000))


def _error_message(exchange: Exchange) -> str:
    return str(exchange.error or "")


def _error_message_string(exchange: Exchange) -> str:
    return f'"{exchange.error}"' if exchange.error else ""


def _integration_error(exchange: Exchange) -> str:
    return exchange.error.integration if exchange.error else ""


def _integration_latency(exchange: Exchange) -> str:
    return _milliseconds(exchange.integration_seconds)


def _integration_request_id(exchange: Exchange) -> str:
    return exchange.integration_request_id


def _lambda_status(exchange: Exchange) -> str:
    """The status of the Lambda API's answer, whatever the function made of it."""
    return "200" if exchange.integration_request_id else ""


def _request_id(exchange: Exchange) -> str:
    return exchange.request.request_id


_VARIABLES: dict[str, Callable[[Exchange], str]] = {
    "accountId": lambda exchange: exchange.request.account_id,
    "apiId": lambda exchange: exchange.request.api_id,
    "awsEndpointRequestId": _integration_request_id,
    "dataProcessed": lambda exchange: str(len(exchange.request.body) + exchange.response_length),
    "domainName": lambda exchange: exchange.request.header("host"),
    "domainPrefix": lambda exchange: exchange.request.api_id,
    "error.message": _error_message,
    "error.messageString": _error_message_string,
    "error.responseType": lambda exchange: exchange.error.response_type if exchange.error else "",
    "extendedRequestId": _request_id,
    "httpMethod": lambda exchange: exchange.request.method,
    "identity.sourceIp": lambda exchange: exchange.request.source_ip,
    "identity.userAgent": lambda exchange: exchange.request.header("user-agent"),
    "integration.error": _integration_error,
    "integration.integrationStatus": _lambda_status,
    "integration.latency": _integration_latency,
    "integration.requestId": _integration_request_id,
    "integration.status": lambda exchange: str(exchange.function_status or ""),
    "integrationErrorMessage": _integration_error,
    "integrationLatency": _integration_latency,
    "integrationStatus": _lambda_status,
    "path": lambda exchange: exchange.request.raw_path,
    "protocol": lambda exchange: exchange.request.protocol,
    "requestId": _request_id,
    "requestTime": lambda exchange: exchange.request.received.strftime("%d/%b/%Y:%H:%M:%S +0000"),
    "requestTimeEpoch": lambda exchange: str(int(exchange.request.received.timestamp() * 1000)),
    "responseLatency": lambda exchange: _milliseconds(exchange.seconds),
    "responseLength": lambda exchange: str(exchange.response_length),
    "routeKey": lambda exchange: exchange.request.route_key,
    "stage": lambda exchange: exchange.request.stage,
    "status": lambda exchange: str(exchange.status),
}
