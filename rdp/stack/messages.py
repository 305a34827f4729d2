"""Messages as clients put them in the queue, written without the functions' own code."""

import json
import uuid
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from typing import Literal, Self


def now() -> str:
    return timestamp(datetime.now(UTC))


def timestamp(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def epoch_seconds(timestamp: str) -> float:
    return datetime.fromisoformat(timestamp).timestamp()


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
    """A body to put in the queue directly, without the API."""

    body: str
    group: str
    fault: Fault | None = None

    @classmethod
    def of(cls, message: QueueMessage, fault: Fault | None = None) -> Self:
        return cls(body=message.to_body(), group=message.tenant_id, fault=fault)
