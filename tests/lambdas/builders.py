"""Valid messages, events and settings, each changed where a test needs it."""

import json
from dataclasses import asdict, replace
from types import SimpleNamespace
from typing import Any

from api.settings import ApiSettings, Lane
from pipeline.contract import Message, Source
from tests.lambdas.aws import LONG_QUEUE_URL, QUEUE_URL
from worker.delivery import Delivery, SqsRecord
from worker.retry import Backoff
from worker.settings import WorkerSettings

REQUEST_ID = "JKJaXmPLvHcESHA="
RECEIVED_AT = "2026-11-22T21:47:15.123000Z"
RECEIVED_MILLISECONDS = 1_795_384_035_123

MESSAGE = Message(
    tenant_id="acme",
    log_id="log-001",
    source=Source.JSON_UPLOAD,
    text="User 555-0199 logged in",
    received_at=RECEIVED_AT,
    request_id=REQUEST_ID,
)


def message_body(**changes: Any) -> str:
    """The SQS body of MESSAGE with fields changed; the value `...` removes a field."""
    fields = asdict(MESSAGE) | changes
    return json.dumps({name: value for name, value in fields.items() if value is not ...})


# Requests -----------------------------------------------------------------------------------

JSON = {"content-type": "application/json"}
TEXT = {"content-type": "text/plain", "x-tenant-id": "acme"}


def http_event(
    method: str = "POST",
    path: str = "/ingest",
    headers: dict[str, str] | None = None,
    body: str | None = None,
    is_base64: bool = False,
) -> dict[str, Any]:
    """An event of the HTTP API, payload format 2.0, without the parts that the API never reads."""
    return {
        "version": "2.0",
        "rawPath": path,
        "headers": headers or {},
        "requestContext": {
            "requestId": REQUEST_ID,
            "http": {"method": method},
            "timeEpoch": RECEIVED_MILLISECONDS,
        },
        **({"body": body} if body is not None else {}),
        "isBase64Encoded": is_base64,
    }


# Deliveries ---------------------------------------------------------------------------------


def sqs_record(name: str, body: str, **fault: str | float) -> SqsRecord:
    """One record of an SQS event, at its first attempt."""
    record: SqsRecord = {
        "messageId": name,
        "receiptHandle": f"{name}-handle",
        "body": body,
        "attributes": {"ApproximateReceiveCount": "1"},
        "eventSourceARN": "arn:aws:sqs:us-east-1:123456789012:queue",
    }
    if fault:
        record["messageAttributes"] = {"Fault": {"stringValue": json.dumps(fault)}}
    return record


SECRET_TEXT = "secret 555-0199"  # noqa: S105 - no password


def delivery(
    name: str = "a", *, attempt: int = 1, body: str | None = None, **fault: str | float
) -> Delivery:
    """A delivery whose message id, receipt handle and log id are all `name`."""
    message = replace(MESSAGE, log_id=name, text=SECRET_TEXT)
    return Delivery(
        message_id=name,
        receipt_handle=name,
        attempt=attempt,
        body=message.to_body() if body is None else body,
        attributes={"Fault": json.dumps(fault)} if fault else {},
    )


# Settings -----------------------------------------------------------------------------------

API_SETTINGS = ApiSettings(
    short=Lane("short", QUEUE_URL, max_backlog=100),
    long=Lane("long", LONG_QUEUE_URL, max_backlog=10),
    max_short_chars=400,
    max_text_chars=1_000,
    max_message_bytes=262_144,
)
API_ENVIRONMENT = {
    "QUEUE_URL": QUEUE_URL,
    "LONG_QUEUE_URL": LONG_QUEUE_URL,
    "MAX_BACKLOG": "100",
    "MAX_LONG_BACKLOG": "10",
    "MAX_SHORT_CHARS": "400",
    "MAX_TEXT_CHARS": "1000",
    "MAX_MESSAGE_BYTES": "262144",
}

WORKER_SETTINGS = WorkerSettings(
    queue_urls=(QUEUE_URL, LONG_QUEUE_URL),
    table_name="processed-logs",
    seconds_per_char=0.05,
    visibility_timeout=900,
    claim_margin=30,
    message_retry=Backoff(base=4, factor=2, maximum=300, least=0.5),
    store_retry=Backoff(base=5, factor=6, maximum=1080, least=0.8),
    max_receive_count=5,
    memory_mb=512,
    store_original_text=True,
    record_retention_days=0,
    fault_injection=False,
)
WORKER_ENVIRONMENT = {
    "QUEUE_URL": QUEUE_URL,
    "LONG_QUEUE_URL": LONG_QUEUE_URL,
    "TABLE_NAME": "processed-logs",
    "PROCESSING_SECONDS_PER_CHAR": "0.05",
    "VISIBILITY_TIMEOUT_SECONDS": "900",
    "CLAIM_MARGIN_SECONDS": "30",
    "RETRY_BASE_SECONDS": "4",
    "RETRY_MAX_SECONDS": "300",
    "STORE_RETRY_BASE_SECONDS": "5",
    "STORE_RETRY_MAX_SECONDS": "1080",
    "MAX_RECEIVE_COUNT": "5",
    "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "512",
    "STORE_ORIGINAL_TEXT": "true",
    "RECORD_RETENTION_DAYS": "0",
    "FAULT_INJECTION": "false",
}

LAMBDA_CONTEXT: Any = SimpleNamespace(
    aws_request_id="lambda-request-id",
    log_stream_name="2026/11/22/[$LATEST]0123456789abcdef",
    get_remaining_time_in_millis=lambda: 60_000,
)
