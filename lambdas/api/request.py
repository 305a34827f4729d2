"""An HTTP request, parsed from an event of the HTTP API (payload format 2.0).

https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
"""

from base64 import b64decode
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Self

from pipeline.errors import InvalidInputError

HttpApiEvent = dict[str, Any]

_EPOCH = datetime.fromtimestamp(0, UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    method: str
    path: str
    headers: dict[str, str]
    request_id: str
    received_at: datetime
    """When the gateway received it. The function may start seconds later, and later requests may
    overtake this one in the meantime."""
    body: str
    """As in the event, maybe base64: `text` decodes it."""
    is_base64: bool

    @classmethod
    def from_event(cls, event: HttpApiEvent, fallback_request_id: str) -> Self:
        context = event.get("requestContext", {})
        return cls(
            method=context.get("http", {}).get("method", ""),
            path=event.get("rawPath", ""),
            headers={name.lower(): value for name, value in (event.get("headers") or {}).items()},
            request_id=context.get("requestId") or fallback_request_id,
            received_at=_received_at(context),
            body=event.get("body") or "",
            is_base64=event.get("isBase64Encoded", False),
        )

    def text(self) -> str:
        """The decoded body, without a byte order mark.

        :raises InvalidInputError: the body is not UTF-8
        """
        try:
            return self._bytes().decode("utf-8-sig")
        except UnicodeError as error:
            place = f" at byte {error.start}" if isinstance(error, UnicodeDecodeError) else ""
            raise InvalidInputError(f"The body is not UTF-8{place}") from None

    def _bytes(self) -> bytes:
        if not self.is_base64:
            return self.body.encode()
        try:
            return b64decode(self.body, validate=True)
        except ValueError:
            raise InvalidInputError(
                "The body is not base64, although the event says that it is"
            ) from None


def _received_at(context: dict[str, Any]) -> datetime:
    """Whoever invokes the function without the gateway need not give a time."""
    milliseconds = context.get("timeEpoch")
    if not isinstance(milliseconds, int):
        return datetime.now(UTC)
    # in whole milliseconds: a division would round
    return _EPOCH + timedelta(milliseconds=milliseconds)
