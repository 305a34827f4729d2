"""A stage's access log: its format with the $context variables filled in, to CloudWatch Logs."""

import re
from datetime import UTC, datetime

from ..logs import WRITER, Stream
from .payload import Request

_VARIABLE = re.compile(r"\$context\.([A-Za-z]+(?:\.[A-Za-z]+)*)")


def write(log_group_arn: str, line: str) -> None:
    _, _, _, region, account_id, _, group = log_group_arn.removesuffix(":*").split(":", 6)
    WRITER.write(Stream(account_id, region, group, f"{datetime.now(UTC):%Y/%m/%d}/http-api"), line)


def render(log_format: str, variables: dict[str, str]) -> str:
    """Fill in the variables; one without a value becomes a hyphen, as AWS writes it."""
    return _VARIABLE.sub(lambda found: variables.get(found[1]) or "-", log_format)


def variables_of(
    request: Request, status: int, length: int, seconds: float, error: str
) -> dict[str, str]:
    """The $context variables of a finished request, by name without the prefix.

    :param seconds: from the request's arrival to its response
    :param error: the gateway's own error message, where it answered itself
    """
    latency = str(round(seconds * 1000))
    return {
        "requestId": request.request_id,
        "extendedRequestId": request.request_id,
        "apiId": request.api_id,
        "accountId": request.account_id,
        "stage": request.stage,
        "routeKey": request.route_key,
        "httpMethod": request.method,
        "path": request.raw_path,
        "protocol": request.protocol,
        "status": str(status),
        "responseLength": str(length),
        "responseLatency": latency,
        "integrationLatency": latency,
        "integration.latency": latency,
        "integrationStatus": "" if error else "200",
        "integration.status": "" if error else str(status),
        "identity.sourceIp": request.source_ip,
        "identity.userAgent": request.header("user-agent"),
        "domainName": request.header("host"),
        "requestTime": request.received.strftime("%d/%b/%Y:%H:%M:%S +0000"),
        "requestTimeEpoch": str(int(request.received.timestamp() * 1000)),
        "error.message": error,
    }
