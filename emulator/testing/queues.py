"""SQS queues."""

import json
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any

from .target import Target, unique_name

FIFO = {"FifoQueue": "true"}
BY_CONTENT = {**FIFO, "ContentBasedDeduplication": "true"}


@dataclass
class Queue:
    aws: Target
    url: str
    arn: str

    @property
    def name(self) -> str:
        return self.arn.rpartition(":")[2]

    def send(self, body: str, **options: Any) -> str:
        """The message's id."""
        return str(
            self.aws.sqs.send_message(QueueUrl=self.url, MessageBody=body, **options)["MessageId"]
        )

    def receive_now(self, **options: Any) -> list[dict[str, Any]]:
        """The messages of one receive call, with all attributes."""
        answer = self.aws.sqs.receive_message(
            QueueUrl=self.url,
            **{
                "MaxNumberOfMessages": 10,
                "MessageSystemAttributeNames": ["All"],
                "MessageAttributeNames": ["All"],
                **options,
            },
        )
        messages: list[dict[str, Any]] = answer.get("Messages", [])
        return messages

    def receive(self, count: int = 1, seconds: float = 20, **options: Any) -> list[dict[str, Any]]:
        """Receive until there are `count` messages; they are not deleted."""
        received: list[dict[str, Any]] = []

        def probe() -> bool:
            received.extend(self.receive_now(**{"WaitTimeSeconds": 1, **options}))
            return len(received) >= count

        self.aws.wait_until(probe, seconds)
        return received

    def delete_message(self, message: Mapping[str, Any]) -> None:
        self.aws.sqs.delete_message(QueueUrl=self.url, ReceiptHandle=message["ReceiptHandle"])

    def change_visibility(self, message: Mapping[str, Any], seconds: int) -> None:
        self.aws.sqs.change_message_visibility(
            QueueUrl=self.url, ReceiptHandle=message["ReceiptHandle"], VisibilityTimeout=seconds
        )

    def attributes(self) -> dict[str, str]:
        attributes: dict[str, str] = self.aws.sqs.get_queue_attributes(
            QueueUrl=self.url, AttributeNames=["All"]
        )["Attributes"]
        return attributes

    def count(self) -> int:
        """How many messages the queue holds: visible, in flight and delayed ones."""
        attributes = self.attributes()
        return sum(
            int(attributes[f"ApproximateNumberOfMessages{kind}"])
            for kind in ("", "NotVisible", "Delayed")
        )


@dataclass
class QueueFactory:
    """queue_of(**attributes): a new queue; a FIFO queue if FifoQueue is "true"."""

    aws: Target
    cleanup: ExitStack

    def __call__(self, **attributes: str) -> Queue:
        suffix = ".fifo" if attributes.get("FifoQueue") == "true" else ""
        sqs = self.aws.sqs
        url = sqs.create_queue(QueueName=unique_name() + suffix, Attributes=attributes)["QueueUrl"]
        self.cleanup.callback(sqs.delete_queue, QueueUrl=url)
        arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])
        return Queue(self.aws, url, arn["Attributes"]["QueueArn"])

    def with_dlq(self, receives: int, **attributes: str) -> tuple[Queue, Queue]:
        """A queue that gives a message up after this many receives, and its dead-letter queue."""
        fifo = {"FifoQueue": "true"} if attributes.get("FifoQueue") == "true" else {}
        dlq = self(**fifo)
        policy = {"deadLetterTargetArn": dlq.arn, "maxReceiveCount": str(receives)}
        return self(**attributes, RedrivePolicy=json.dumps(policy)), dlq
