"""What the stack takes and gives, as a client sees it: independent of the functions' own code."""

import json
import uuid
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from typing import Literal, Self


def now() -> str:
    return timestamp(datetime.now(UTC))


def timestamp(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%S.%fZ")


@dataclass(frozen=True)
class Fault:
    """What a message makes the worker do, on its first `attempts` attempts (default: on all)."""

    kind: Literal["kill", "hang", "transient", "permanent", "delay"]
    attempts: int | None = None
    seconds: float | None = None

    @property
    def is_fatal(self) -> bool:
        """Whether no attempt can succeed."""
        return self.attempts is None and self.kind in ("kill", "permanent", "transient")

    def to_attribute(self) -> str:
        return json.dumps({key: value for key, value in asdict(self).items() if value is not None})


@dataclass(frozen=True)
class QueueMessage:
    """A message as the API puts it in the queue."""

    tenant_id: str
    log_id: str
    text: str
    source: str = "json_upload"
    received_at: str = field(default_factory=now)
    request_id: str = field(default_factory=lambda: str(uuid.uuid4()))

    def to_body(self) -> str:
        return json.dumps(asdict(self))


@dataclass(frozen=True)
class Envelope:
    """A body to put straight in the queue, past the API."""

    body: str
    group: str
    fault: Fault | None = None

    @classmethod
    def of(cls, message: QueueMessage, fault: Fault | None = None) -> Self:
        return cls(body=message.to_body(), group=message.tenant_id, fault=fault)


@dataclass(frozen=True)
class Record:
    """An item of the table. A missing or an unknown attribute is an error."""

    tenant_id: str
    log_id: str
    source: str
    original_text: str
    modified_data: str
    received_at: str
    processed_at: str
    request_id: str
    worker_id: str
    attempt: int

    @classmethod
    def from_item(cls, item: Mapping[str, Mapping[str, str]]) -> Self:
        """From DynamoDB's form: `{"log_id": {"S": "log-001"}, "attempt": {"N": "1"}}`."""
        values = {name: _plain(typed) for name, typed in item.items()}
        return cls(**values)  # type: ignore[arg-type]


def _plain(typed: Mapping[str, str]) -> str | int:
    [(kind, value)] = typed.items()
    return int(value) if kind == "N" else value


@dataclass(frozen=True)
class DeadLetter:
    message_id: str
    body: str
    sent_at: datetime
    receipt_handle: str = field(repr=False)

    @property
    def fields(self) -> dict[str, object]:
        """The body's; none where the body is no JSON object."""
        return _json_object(self.body) or {}


@dataclass(frozen=True)
class LogLine:
    event_id: str
    stored_at: float
    """Seconds since the epoch. LocalStack stores all lines of an invocation when it ends."""
    text: str

    @property
    def fields(self) -> dict[str, object] | None:
        """Of a JSON line; None for a line of the platform (`START RequestId: ...`)."""
        return _json_object(self.text)

    @property
    def written_at(self) -> float:
        """Seconds since the epoch, as a line of the functions tells itself."""
        if self.fields and "timestamp" in self.fields:
            return datetime.fromisoformat(str(self.fields["timestamp"])).timestamp()
        return self.stored_at

    @property
    def event(self) -> object:
        """What a line of the functions tells of: "stored", "retried", ..."""
        return (self.fields or {}).get("message")


def _json_object(text: str) -> dict[str, object] | None:
    try:
        value = json.loads(text)
    except json.JSONDecodeError:
        return None
    return value if isinstance(value, dict) else None
