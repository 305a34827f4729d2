"""What the API answers, and the one place where an exception becomes an answer."""

import json
from http import HTTPStatus
from typing import TypedDict

from pipeline.errors import (
    InvalidInputError,
    PipelineError,
    TooLargeError,
    UnsupportedMediaTypeError,
)
from pipeline.queue import PublishError

_PUBLISH_RETRY_SECONDS = 5


class Response(TypedDict):
    statusCode: int
    headers: dict[str, str]
    body: str


class NotFoundError(PipelineError):
    """No such path."""


class MethodNotAllowedError(PipelineError):
    """The path does not take this method."""

    def __init__(self, message: str, allowed: str) -> None:
        super().__init__(message)
        self.allowed = allowed


# The first class that fits counts: the special before the general.
_STATUSES: tuple[tuple[type[Exception], HTTPStatus], ...] = (
    (NotFoundError, HTTPStatus.NOT_FOUND),
    (MethodNotAllowedError, HTTPStatus.METHOD_NOT_ALLOWED),
    (TooLargeError, HTTPStatus.REQUEST_ENTITY_TOO_LARGE),
    (UnsupportedMediaTypeError, HTTPStatus.UNSUPPORTED_MEDIA_TYPE),
    (InvalidInputError, HTTPStatus.BAD_REQUEST),
    (PublishError, HTTPStatus.INTERNAL_SERVER_ERROR),
)


def ok(status: HTTPStatus, body: dict[str, str]) -> Response:
    return _response(status, body, {})


def failure(error: Exception, request_id: str) -> Response:
    status = _status(error)
    message = "Unexpected error" if status is None else str(error)
    status = status or HTTPStatus.INTERNAL_SERVER_ERROR
    body = {"error": status.phrase, "message": message, "request_id": request_id}
    return _response(status, body, _headers(error))


def _status(error: Exception) -> HTTPStatus | None:
    return next((status for kind, status in _STATUSES if isinstance(error, kind)), None)


def _headers(error: Exception) -> dict[str, str]:
    match error:
        case MethodNotAllowedError(allowed=allowed):
            return {"Allow": allowed}
        case PublishError():
            return {"Retry-After": str(_PUBLISH_RETRY_SECONDS)}
    return {}


def _response(status: HTTPStatus, body: dict[str, str], headers: dict[str, str]) -> Response:
    return {
        "statusCode": status.value,
        "headers": {"Content-Type": "application/json", **headers},
        "body": json.dumps(body),
    }
