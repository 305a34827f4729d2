"""A stage's access log: its format with the $context variables filled in, in CloudWatch Logs.

https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-logging-variables.html
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache

from ..cloudwatch.logs import WRITER, Stream
from .exchange import ApiResponse, Exchange

_VARIABLE = re.compile(r"\$context\.([A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)*)")


@dataclass(frozen=True)
class Entry:
    """:ivar seconds: from the request's arrival to its response"""

    exchange: Exchange
    response: ApiResponse
    seconds: float


type _Part = str | Callable[[Entry], str]


def write(log_group_arn: str, line: str) -> None:
    _, _, _, region, account_id, _, group = log_group_arn.removesuffix(":*").split(":", 6)
    WRITER.write(Stream(account_id, region, group, f"{datetime.now(UTC):%Y/%m/%d}/http-api"), line)


def render(log_format: str, entry: Entry) -> str:
    """Fill in the variables. One without a value becomes a hyphen, as on AWS."""
    return "".join(
        part if isinstance(part, str) else part(entry) or "-" for part in _parse(log_format)
    )


@lru_cache(maxsize=256)
def _parse(log_format: str) -> tuple[_Part, ...]:
    # split() returns text and names alternately
    pieces = _VARIABLE.split(log_format)
    return tuple(
        _VARIABLES.get(piece, "-") if index % 2 else piece for index, piece in enumerate(pieces)
    )


def _milliseconds(seconds: float | None) -> str:
    return "" if seconds is None else str(round(seconds * 1000))


def _error_message(entry: Entry) -> str:
    return str(entry.exchange.error or "")


def _error_message_string(entry: Entry) -> str:
    return f'"{entry.exchange.error}"' if entry.exchange.error else ""


def _error_response_type(entry: Entry) -> str:
    return entry.exchange.error.response_type if entry.exchange.error else ""


def _integration_error(entry: Entry) -> str:
    return entry.exchange.error.integration if entry.exchange.error else ""


def _integration_latency(entry: Entry) -> str:
    return _milliseconds(entry.exchange.integration_seconds)


def _integration_request_id(entry: Entry) -> str:
    return entry.exchange.integration_request_id


def _function_status(entry: Entry) -> str:
    return str(entry.exchange.function_status or "")


def _lambda_status(entry: Entry) -> str:
    """The status of the Lambda API's response, whatever the function returned."""
    return "200" if entry.exchange.integration_request_id else ""


def _api_id(entry: Entry) -> str:
    return entry.exchange.request.api_id


def _request_id(entry: Entry) -> str:
    return entry.exchange.request.request_id


def _response_length(entry: Entry) -> str:
    return str(len(entry.response.body))


def _data_processed(entry: Entry) -> str:
    return str(len(entry.exchange.request.body) + len(entry.response.body))


def _request_time(entry: Entry) -> str:
    return entry.exchange.request.received.strftime("%d/%b/%Y:%H:%M:%S +0000")


def _request_time_epoch(entry: Entry) -> str:
    return str(int(entry.exchange.request.received.timestamp() * 1000))


_VARIABLES: dict[str, Callable[[Entry], str]] = {
    "accountId": lambda entry: entry.exchange.request.account_id,
    "apiId": _api_id,
    "awsEndpointRequestId": _integration_request_id,
    "dataProcessed": _data_processed,
    "domainName": lambda entry: entry.exchange.request.header("host"),
    "domainPrefix": _api_id,
    "error.message": _error_message,
    "error.messageString": _error_message_string,
    "error.responseType": _error_response_type,
    "extendedRequestId": _request_id,
    "httpMethod": lambda entry: entry.exchange.request.method,
    "identity.sourceIp": lambda entry: entry.exchange.request.source_ip,
    "identity.userAgent": lambda entry: entry.exchange.request.header("user-agent"),
    "integration.error": _integration_error,
    "integration.integrationStatus": _lambda_status,
    "integration.latency": _integration_latency,
    "integration.requestId": _integration_request_id,
    "integration.status": _function_status,
    "integrationErrorMessage": _integration_error,
    "integrationLatency": _integration_latency,
    "integrationStatus": _lambda_status,
    "path": lambda entry: entry.exchange.request.raw_path,
    "protocol": lambda entry: entry.exchange.request.protocol,
    "requestId": _request_id,
    "requestTime": _request_time,
    "requestTimeEpoch": _request_time_epoch,
    "responseLatency": lambda entry: _milliseconds(entry.seconds),
    "responseLength": _response_length,
    "routeKey": lambda entry: entry.exchange.request.route_key,
    "stage": lambda entry: entry.exchange.request.stage,
    "status": lambda entry: str(entry.response.status),
}
