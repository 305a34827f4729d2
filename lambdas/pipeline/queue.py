"""The queue, as the API and the worker use it."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, TypeVar

from botocore.exceptions import BotoCoreError, ClientError

from pipeline.errors import PipelineError, TooLargeError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from mypy_boto3_sqs import SQSClient

    from pipeline.contract import Message

# SQS's limit of entries in one batch request
_BATCH_ENTRIES = 10

Item = TypeVar("Item")


class PublishError(PipelineError):
    """The queue did not confirm the message. It may hold it all the same."""


@dataclass(frozen=True, slots=True)
class Queue:
    client: SQSClient
    url: str

    def publish(self, message: Message, *, max_bytes: int) -> str:
        """Returns SQS's id of the message.

        Raises:
            TooLargeError: the body is longer than the queue takes.
            PublishError: SQS cannot be reached, or refuses.
        """
        body = message.to_body()
        size = len(body.encode())
        if size > max_bytes:
            raise TooLargeError(
                f"The message has {size:,} bytes as JSON: the queue takes at most {max_bytes:,}"
            )
        try:
            # The group makes the queue fair: a noisy tenant delays itself, not its neighbours.
            answer = self.client.send_message(
                QueueUrl=self.url, MessageBody=body, MessageGroupId=message.tenant_id
            )
        except (BotoCoreError, ClientError) as error:
            raise PublishError("Failed to publish message to queue") from error
        return answer["MessageId"]

    def claim(self, seconds_by_receipt: Mapping[str, int]) -> list[str]:
        """Hold each message for so many seconds from now; returns what SQS refused, and why.

        Raises:
            BotoCoreError, ClientError: no claim of one request was made.
        """
        refused = []
        for claims in _batches(seconds_by_receipt.items()):
            answer = self.client.change_message_visibility_batch(
                QueueUrl=self.url,
                Entries=[
                    {"Id": str(number), "ReceiptHandle": receipt, "VisibilityTimeout": seconds}
                    for number, (receipt, seconds) in enumerate(claims)
                ],
            )
            refused += [failure["Code"] for failure in answer.get("Failed", [])]
        return refused

    def show_after(self, receipt: str, seconds: int) -> None:
        """Make a message visible again in so many seconds."""
        self.client.change_message_visibility(
            QueueUrl=self.url, ReceiptHandle=receipt, VisibilityTimeout=seconds
        )

    def delete(self, receipts: Iterable[str]) -> list[str]:
        """Returns what SQS refused, and why.

        Raises:
            BotoCoreError, ClientError: nothing of one request was deleted.
        """
        refused = []
        for batch in _batches(receipts):
            answer = self.client.delete_message_batch(
                QueueUrl=self.url,
                Entries=[
                    {"Id": str(number), "ReceiptHandle": receipt}
                    for number, receipt in enumerate(batch)
                ],
            )
            refused += [failure["Code"] for failure in answer.get("Failed", [])]
        return refused


def _batches(items: Iterable[Item]) -> Iterator[list[Item]]:
    """What one request of SQS takes."""
    remaining = iter(items)
    while batch := list(islice(remaining, _BATCH_ENTRIES)):
        yield batch
