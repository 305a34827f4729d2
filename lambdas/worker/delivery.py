"""One receipt of one message, out of an SQS event."""

from dataclasses import dataclass
from typing import NotRequired, Self, TypedDict

from worker import faults


class _Attribute(TypedDict):
    stringValue: NotRequired[str]


class SqsRecord(TypedDict):
    messageId: str
    receiptHandle: str
    body: str
    attributes: dict[str, str]
    messageAttributes: NotRequired[dict[str, _Attribute]]


class SqsEvent(TypedDict):
    Records: list[SqsRecord]


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    message_id: str
    receipt: str
    attempt: int
    """Counted from 1."""
    body: str
    fault: str | None

    @classmethod
    def from_record(cls, record: SqsRecord) -> Self:
        fault = record.get("messageAttributes", {}).get(faults.ATTRIBUTE, {})
        return cls(
            message_id=record["messageId"],
            receipt=record["receiptHandle"],
            attempt=int(record["attributes"]["ApproximateReceiveCount"]),
            body=record["body"],
            fault=fault.get("stringValue"),
        )
