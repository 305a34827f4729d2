"""What the worker does with the queue's messages. Lambda receives them."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple, TypeVar

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from mypy_boto3_sqs import SQSClient

# SQS's limit for one batch request
_MAX_ENTRIES = 10

Item = TypeVar("Item")


class Refusal(NamedTuple):
    code: str
    is_lost: bool
    """Whether the message is not in flight any more: SQS may have delivered or moved it."""


@dataclass(frozen=True, slots=True)
class Queue:
    """Messages are named by their receipt handles.

    :raises BotoCoreError, ClientError: a request failed as a whole (by every method)
    """

    client: SQSClient
    url: str

    def claim(self, seconds_by_handle: Mapping[str, int]) -> dict[str, Refusal]:
        """Hide each message for the given seconds, counted from now.

        Returns the messages that SQS refused, by their receipt handles.
        """
        refused = {}
        for claims in _chunks(seconds_by_handle.items()):
            answer = self.client.change_message_visibility_batch(
                QueueUrl=self.url,
                Entries=[
                    {"Id": str(number), "ReceiptHandle": handle, "VisibilityTimeout": seconds}
                    for number, (handle, seconds) in enumerate(claims)
                ],
            )
            for failure in answer.get("Failed", []):
                handle, _ = claims[int(failure["Id"])]
                refused[handle] = Refusal(failure["Code"], failure["SenderFault"])
        return refused

    def release(self, receipt_handle: str, *, after_seconds: int) -> None:
        """Make the message visible again, for its next attempt."""
        self.client.change_message_visibility(
            QueueUrl=self.url, ReceiptHandle=receipt_handle, VisibilityTimeout=after_seconds
        )

    def delete(self, receipt_handles: Iterable[str]) -> list[str]:
        """Returns the error code of each message that SQS refused."""
        refused = []
        for handles in _chunks(receipt_handles):
            answer = self.client.delete_message_batch(
                QueueUrl=self.url,
                Entries=[
                    {"Id": str(number), "ReceiptHandle": handle}
                    for number, handle in enumerate(handles)
                ],
            )
            refused += [failure["Code"] for failure in answer.get("Failed", [])]
        return refused


def _chunks(items: Iterable[Item]) -> Iterator[list[Item]]:
    remaining = iter(items)
    while batch := list(islice(remaining, _MAX_ENTRIES)):
        yield batch
