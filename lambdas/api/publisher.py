"""Sends messages to the queue."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from api.errors import PublishError
from pipeline.errors import TooLargeError

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient

    from pipeline.contract import Message


@dataclass(frozen=True, slots=True)
class Publisher:
    client: SQSClient
    queue_url: str
    max_message_bytes: int

    def publish(self, message: Message) -> str:
        """Returns SQS's id of the message.

        :raises TooLargeError: the body is longer than the queue takes
        :raises PublishError: SQS cannot be reached, or refuses the message
        """
        body = message.to_body()
        size = len(body.encode())
        if size > self.max_message_bytes:
            raise TooLargeError(
                f"The message has {size:,} bytes as JSON:"
                f" the queue takes at most {self.max_message_bytes:,}"
            )
        try:
            # The group makes the queue fair: a noisy tenant delays itself, not its neighbours.
            answer = self.client.send_message(
                QueueUrl=self.queue_url, MessageBody=body, MessageGroupId=message.tenant_id
            )
        except (BotoCoreError, ClientError) as error:
            raise PublishError("Failed to publish message to queue") from error
        return answer["MessageId"]
