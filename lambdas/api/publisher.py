"""Sends messages to the queue of their lane."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple, Self

from botocore.exceptions import BotoCoreError, ClientError

from api.backlog import Backlog
from api.errors import PublishError
from pipeline.errors import TooLargeError

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient

    from api.settings import ApiSettings, Lane
    from pipeline.contract import Message
    from pipeline.telemetry import Telemetry


class Published(NamedTuple):
    message_id: str
    """SQS's."""
    lane: str


@dataclass(frozen=True, slots=True)
class Publisher:
    client: SQSClient
    settings: ApiSettings
    backlogs: dict[Lane, Backlog]

    @classmethod
    def of(cls, client: SQSClient, settings: ApiSettings, telemetry: Telemetry) -> Self:
        backlogs = {
            lane: Backlog(client, lane.queue_url, lane.max_backlog, telemetry)
            for lane in (settings.short, settings.long)
        }
        return cls(client, settings, backlogs)

    def publish(self, message: Message) -> Published:
        """
        :raises TooLargeError: the body is longer than the queue takes
        :raises BacklogError: the queue holds more messages than its workers can drain in time
        :raises PublishError: SQS cannot be reached, or refuses the message
        """
        body = message.to_body()
        self._check_size(body)
        is_long = len(message.text) > self.settings.max_short_chars
        lane = self.settings.long if is_long else self.settings.short
        self.backlogs[lane].check()
        try:
            # The group makes the queue fair: a noisy tenant delays itself, not its neighbours.
            answer = self.client.send_message(
                QueueUrl=lane.queue_url, MessageBody=body, MessageGroupId=message.tenant_id
            )
        except (BotoCoreError, ClientError) as error:
            raise PublishError("Failed to publish message to queue", message.log_id) from error
        return Published(answer["MessageId"], lane.name)

    def _check_size(self, body: str) -> None:
        size = len(body.encode())
        if size > self.settings.max_message_bytes:
            raise TooLargeError(
                f"The message has {size:,} bytes as JSON:"
                f" the queue takes at most {self.settings.max_message_bytes:,}"
            )
