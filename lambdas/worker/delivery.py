"""One delivery of one message, from an SQS event."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NotRequired, Self, TypedDict


class _Attribute(TypedDict):
    stringValue: NotRequired[str]


class SqsRecord(TypedDict):
    messageId: str
    receiptHandle: str
    body: str
    attributes: dict[str, str]
    eventSourceARN: str
    messageAttributes: NotRequired[dict[str, _Attribute]]


class SqsEvent(TypedDict):
    Records: list[SqsRecord]


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    message_id: str
    receipt_handle: str
    attempt: int
    """Counted from 1."""
    body: str
    attributes: Mapping[str, str]
    """The message attributes that are strings."""

    @classmethod
    def from_sqs_record(cls, record: SqsRecord) -> Self:
        return cls(
            message_id=record["messageId"],
            receipt_handle=record["receiptHandle"],
            attempt=int(record["attributes"]["ApproximateReceiveCount"]),
            body=record["body"],
            attributes={
                name: attribute["stringValue"]
                for name, attribute in record.get("messageAttributes", {}).items()
                if "stringValue" in attribute
            },
        )
