"""The message that the API sends to the worker, and the rules for its fields.

A message is validated when it is constructed: the API builds it from a request, the worker from an
SQS body, and both apply the same rules.

The worker may be of the version before or after the API's, for as long as messages of both are in
the queue. So it reads tolerantly: it ignores fields and takes sources that it does not know. A new
version may add a field that an old worker can ignore; a field that is gone or means something else
needs two releases, of which the first stops reading it.
"""

import re
from collections.abc import Collection, Iterable
from dataclasses import asdict, dataclass, fields
from datetime import datetime
from enum import StrEnum
from typing import Self

from pipeline import strict_json
from pipeline.errors import InvalidInputError, TooLargeError

_TENANT_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,127}")
_SOURCE = re.compile(r"[a-z0-9_]{1,64}")
_MAX_LOG_ID_CHARS = 256
_MAX_REQUEST_ID_CHARS = 256

# The original and the redacted text share one DynamoDB item of at most 400 KB (409,600 bytes).
# Redaction makes a text longer by at most a quarter ("555-0199" -> "[REDACTED]"), and the other
# attributes take less than 4 KB: 180,000 * 2.25 + 4,096 bytes always fit.
MAX_TEXT_BYTES = 180_000


class Source(StrEnum):
    """What this version sends."""

    JSON_UPLOAD = "json_upload"
    TEXT_UPLOAD = "text_upload"


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """
    :raises InvalidInputError: a field breaks the contract (on construction)
    :raises TooLargeError: the text does not fit in one item of the table (on construction)
    """

    tenant_id: str
    log_id: str
    source: str
    text: str
    received_at: str
    request_id: str

    def __post_init__(self) -> None:
        check_tenant_id(self.tenant_id)
        check_log_id(self.log_id)
        _check_source(self.source)
        check_text(self.text)
        _check_received_at(self.received_at)
        _check_request_id(self.request_id)

    def to_body(self) -> str:
        """The SQS body, in raw UTF-8: a CJK character takes 3 bytes instead of 6 as an escape."""
        return strict_json.dumps(asdict(self))

    @classmethod
    def from_body(cls, body: str) -> Self:
        """:raises InvalidInputError: `to_body` of no version can have written this body"""
        found = strict_json.loads_object(body)
        check_required(found, _FIELDS)
        return cls(**{name: check_string(name, found[name]) for name in _FIELDS})


_FIELDS = tuple(field.name for field in fields(Message))


def timestamp(moment: datetime) -> str:
    """ISO 8601 in UTC, always of the same length: sorting the strings sorts the times."""
    return moment.isoformat(timespec="microseconds").replace("+00:00", "Z")


def check_known(found: Iterable[str], known: Collection[str]) -> None:
    for name in found:
        if name not in known:
            raise InvalidInputError(
                f"Unknown field {quoted(name)}: the fields are {', '.join(sorted(known))}"
            )


def check_required(found: Collection[str], required: Iterable[str]) -> None:
    for name in sorted(required):
        if name not in found:
            raise InvalidInputError(f"Missing field '{name}'")


def check_string(name: str, value: object) -> str:
    if not isinstance(value, str):
        raise InvalidInputError(f"'{name}' is {_kind(value)}: it must be a string")
    return value


def check_tenant_id(value: str) -> None:
    if not _TENANT_ID.fullmatch(value):
        raise InvalidInputError(
            f"tenant_id is {quoted(value)}: it must be 1 to 128 of A-Z a-z 0-9 . _ -"
            " and start with a letter or digit"
        )


def check_log_id(value: str) -> None:
    if not (0 < len(value) <= _MAX_LOG_ID_CHARS and value.isprintable() and value.strip()):
        raise InvalidInputError(
            f"log_id is {quoted(value)}: it must be 1 to {_MAX_LOG_ID_CHARS} printable characters,"
            " not only spaces"
        )


def check_text(value: str) -> None:
    if not value.strip():
        raise InvalidInputError("Empty text: it must hold more than white space")
    try:
        size = len(value.encode())
    except UnicodeEncodeError as error:
        raise InvalidInputError(
            f"The text holds half a surrogate pair at character {error.start}:"
            " it must be encodable as UTF-8"
        ) from None
    if size > MAX_TEXT_BYTES:
        raise TooLargeError(
            f"The text has {size:,} bytes of UTF-8: at most {MAX_TEXT_BYTES:,} can be stored"
        )


def quoted(value: str) -> str:
    """A value for an error message: escaped and cut to 64 characters."""
    return repr(value) if len(value) <= 64 else f"{value[:64]!r}... ({len(value):,} characters)"


def _check_received_at(value: str) -> None:
    try:
        canonical = timestamp(datetime.fromisoformat(value))
    except ValueError:
        canonical = None
    if value != canonical or not value.endswith("Z"):
        raise InvalidInputError(
            f"received_at is {quoted(value)}: it must look like 2026-11-22T21:47:15.123456Z"
        )


def _check_request_id(value: str) -> None:
    if not (0 < len(value) <= _MAX_REQUEST_ID_CHARS and value.isprintable()):
        raise InvalidInputError(
            f"request_id is {quoted(value)}: it must be 1 to {_MAX_REQUEST_ID_CHARS}"
            " printable characters"
        )


def _check_source(value: str) -> None:
    if not _SOURCE.fullmatch(value):
        raise InvalidInputError(
            f"source is {quoted(value)}: it must be 1 to 64 of a-z 0-9 _, such as json_upload"
        )


def _kind(value: object) -> str:
    match value:
        case None:
            return "null"
        case bool():
            return "a boolean"
        case int() | float():
            return "a number"
        case list():
            return "an array"
        case _:
            return "an object"
