"""https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-logging-variables.html"""

from datetime import UTC, datetime
from typing import Any

import pytest

from localstack_serverless.http_api.access_log import Entry, render
from localstack_serverless.http_api.errors import integration_failed
from localstack_serverless.http_api.exchange import ApiResponse, Exchange

from ..builders import api_request

RECEIVED = datetime(2026, 11, 28, 14, 5, 6, 7000, UTC)


def entry(status: int = 200, **changes: Any) -> Entry:
    request = api_request(
        headers=[("Host", "abc.example"), ("User-Agent", "curl")], body=b"123", received=RECEIVED
    )
    exchange = Exchange(api=None, stage=None, request=request, **changes)
    return Entry(exchange, ApiResponse(status, [], b"12345"), seconds=0.0123)


@pytest.mark.parametrize(
    ("log_format", "line"),
    [
        ("$context.requestId $context.httpMethod", "id= GET"),
        ('{"status": "$context.status"}', '{"status": "200"}'),
        ("$context.domainName/$context.path", "abc.example//"),
        ("$context.identity.userAgent", "curl"),
        ("$context.responseLength of $context.dataProcessed", "5 of 8"),
        ("$context.responseLatency", "12"),
        ("$context.requestTime", "28/Nov/2026:14:05:06 +0000"),
        ("$context.requestTimeEpoch", "1795874706007"),
        ("$context.error.message $context.integrationStatus", "- -"),
        ("$context.unknown $stage", "- $stage"),
    ],
)
def test_variables_are_filled_in(log_format: str, line: str) -> None:
    assert render(log_format, entry()) == line


def test_invocation_and_error_are_logged() -> None:
    failed = entry(
        500,
        error=integration_failed("malformed"),
        integration_request_id="invocation",
        integration_seconds=0.5,
        function_status=201,
    )
    log_format = "$context.integration.requestId $context.integration.latency"
    assert render(log_format, failed) == "invocation 500"
    log_format = "$context.integration.status $context.integration.integrationStatus"
    assert render(log_format, failed) == "201 200"
    log_format = "$context.error.messageString $context.error.responseType"
    assert render(log_format, failed) == '"Internal Server Error" INTEGRATION_FAILURE'
    assert render("$context.integrationErrorMessage", failed) == "malformed"
