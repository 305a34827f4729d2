"""The API's responses. This is the only place that maps exceptions to HTTP statuses."""

import json
from http import HTTPStatus
from typing import TypedDict

from api.errors import (
    BacklogError,
    IngestError,
    MethodNotAllowedError,
    NotFoundError,
    UnsupportedMediaTypeError,
)
from pipeline.errors import InvalidInputError, TooLargeError

UNEXPECTED = "Unexpected error"

_INGEST_RETRY_SECONDS = 5
_BACKLOG_RETRY_SECONDS = 60


class Response(TypedDict):
    statusCode: int
    headers: dict[str, str]
    body: str


# The first match counts, so a subclass must come before its base class.
_STATUSES: tuple[tuple[type[Exception], HTTPStatus], ...] = (
    (NotFoundError, HTTPStatus.NOT_FOUND),
    (MethodNotAllowedError, HTTPStatus.METHOD_NOT_ALLOWED),
    (TooLargeError, HTTPStatus.REQUEST_ENTITY_TOO_LARGE),
    (UnsupportedMediaTypeError, HTTPStatus.UNSUPPORTED_MEDIA_TYPE),
    (InvalidInputError, HTTPStatus.BAD_REQUEST),
    (BacklogError, HTTPStatus.TOO_MANY_REQUESTS),
    (IngestError, HTTPStatus.INTERNAL_SERVER_ERROR),
)


def json_response(status: HTTPStatus, body: dict[str, str]) -> Response:
    return _response(status, body, {})


def error_response(error: Exception, request_id: str) -> Response:
    status = _status(error)
    message = UNEXPECTED if status is None else str(error)
    status = status or HTTPStatus.INTERNAL_SERVER_ERROR
    body = {"error": status.phrase, "message": message, "request_id": request_id}
    if isinstance(error, IngestError):
        body["log_id"] = error.log_id
    return _response(status, body, _headers(error))


def _status(error: Exception) -> HTTPStatus | None:
    return next((status for kind, status in _STATUSES if isinstance(error, kind)), None)


def _headers(error: Exception) -> dict[str, str]:
    match error:
        case MethodNotAllowedError(allowed=allowed):
            return {"Allow": allowed}
        case BacklogError():
            return {"Retry-After": str(_BACKLOG_RETRY_SECONDS)}
        case IngestError():
            return {"Retry-After": str(_INGEST_RETRY_SECONDS)}
    return {}


def _response(status: HTTPStatus, body: dict[str, str], headers: dict[str, str]) -> Response:
    return {
        "statusCode": status.value,
        "headers": {"Content-Type": "application/json", **headers},
        "body": json.dumps(body),
    }
