"""Makes the message for the queue from a request."""

from api.errors import UnsupportedMediaTypeError
from api.request import Request
from pipeline import strict_json
from pipeline.contract import (
    Message,
    Source,
    check_known,
    check_required,
    check_string,
    quoted,
    timestamp,
)
from pipeline.errors import InvalidInputError, TooLargeError

_REQUIRED_FIELDS = ("tenant_id", "text")
_FIELDS = (*_REQUIRED_FIELDS, "log_id")
# US-ASCII text is also UTF-8.
_CHARSETS = frozenset({"utf-8", "utf8", "us-ascii"})


def message_from(request: Request, *, log_id: str, max_text_chars: int) -> Message:
    """
    :param log_id: for a log that has none
    :raises InvalidInputError, TooLargeError, UnsupportedMediaTypeError: the request breaks the
        contract
    """
    source, fields = _fields(request)
    if len(fields["text"]) > max_text_chars:
        raise TooLargeError(
            f"The text has {len(fields['text']):,} characters: at most {max_text_chars:,} can be"
            " processed; split the log"
        )
    return Message(
        tenant_id=fields["tenant_id"],
        log_id=fields.get("log_id", log_id),
        source=source,
        text=fields["text"],
        received_at=timestamp(request.received_at),
        request_id=request.request_id,
    )


def _fields(request: Request) -> tuple[Source, dict[str, str]]:
    match _media_type(request.headers.get("content-type", "")):
        case "application/json":
            return Source.JSON_UPLOAD, _json_fields(request.text())
        case "text/plain":
            return Source.TEXT_UPLOAD, _text_fields(request)
        case "":
            raise UnsupportedMediaTypeError(
                "No Content-Type: it must be application/json or text/plain"
            )
        case other:
            raise UnsupportedMediaTypeError(
                f"The Content-Type is {quoted(other)}: it must be application/json or text/plain"
            )


def _media_type(content_type: str) -> str:
    media_type, *parameters = (part.strip().lower() for part in content_type.split(";"))
    for parameter in parameters:
        name, _, value = parameter.partition("=")
        charset = value.strip().strip('"')
        if name.strip() == "charset" and charset not in _CHARSETS:
            raise UnsupportedMediaTypeError(f"The charset is {quoted(charset)}: it must be utf-8")
    return media_type


def _json_fields(body: str) -> dict[str, str]:
    found = strict_json.loads_object(body)
    check_known(found, _FIELDS)
    check_required(found, _REQUIRED_FIELDS)
    return {name: check_string(name, value) for name, value in found.items()}


def _text_fields(request: Request) -> dict[str, str]:
    if "x-tenant-id" not in request.headers:
        raise InvalidInputError("Missing header 'X-Tenant-ID'")
    fields = {"tenant_id": request.headers["x-tenant-id"], "text": request.text()}
    if "x-log-id" in request.headers:
        fields["log_id"] = request.headers["x-log-id"]
    return fields
