"""Whether the workers can drain a queue in time."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from api.errors import BacklogError
from pipeline.telemetry import reason

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient

    from pipeline.telemetry import Telemetry

# A backlog of hours does not change in seconds: one look serves all requests that an execution
# environment gets meanwhile.
_LOOK_EVERY_SECONDS = 5


@dataclass(slots=True)
class Backlog:
    client: SQSClient
    queue_url: str
    most: int
    """More messages than this are refused."""
    telemetry: Telemetry
    _is_full: bool = field(default=False, init=False)
    _looked_at: float = field(default=-math.inf, init=False)

    def check(self) -> None:
        """:raises BacklogError: the queue holds more messages than the workers can drain in time"""
        now = time.monotonic()
        if now - self._looked_at >= _LOOK_EVERY_SECONDS:
            self._looked_at = now
            self._is_full = self._look()
        if self._is_full:
            raise BacklogError(
                "The workers have more logs than they can process in time: send it again later"
            )

    def _look(self) -> bool:
        try:
            attributes = self.client.get_queue_attributes(
                QueueUrl=self.queue_url,
                AttributeNames=[
                    "ApproximateNumberOfMessages",
                    "ApproximateNumberOfMessagesNotVisible",
                ],
            )["Attributes"]
        except (BotoCoreError, ClientError) as error:
            # Harmless: whether the queue takes the message is what counts.
            self.telemetry.warning("backlog unknown", reason=reason(error))
            return False
        return sum(map(int, attributes.values())) > self.most
