"""The queues between API and worker; the DLQ counts its messages the same way."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from rdp.stack.batches import SQS_BATCH, chunks
from rdp.stack.errors import StackError
from rdp.stack.messages import Envelope
from rdp.waiting import wait_until

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient
    from mypy_boto3_sqs.literals import QueueAttributeNameType
    from mypy_boto3_sqs.type_defs import SendMessageBatchRequestEntryTypeDef

    from rdp.deployment import Deployment


class QueueCounts(NamedTuple):
    """SQS counts approximately."""

    waiting: int
    in_flight: int
    delayed: int


class SqsQueue:
    """What all queues of the stack have in common."""

    def __init__(self, client: SQSClient, url: str) -> None:
        self.url = url
        self.name = url.rpartition("/")[2]
        self._client = client

    def depth(self) -> int:
        """How many messages are waiting, delayed or in flight. SQS counts approximately."""
        return sum(self.counts())

    def counts(self) -> QueueCounts:
        attributes = self._client.get_queue_attributes(
            QueueUrl=self.url,
            AttributeNames=[
                "ApproximateNumberOfMessages",
                "ApproximateNumberOfMessagesNotVisible",
                "ApproximateNumberOfMessagesDelayed",
            ],
        )["Attributes"]
        return QueueCounts(
            waiting=int(attributes["ApproximateNumberOfMessages"]),
            in_flight=int(attributes["ApproximateNumberOfMessagesNotVisible"]),
            delayed=int(attributes["ApproximateNumberOfMessagesDelayed"]),
        )

    def setting(self, name: QueueAttributeNameType) -> str:
        answer = self._client.get_queue_attributes(QueueUrl=self.url, AttributeNames=[name])
        return answer["Attributes"][name]

    def purge(self) -> None:
        """Delete all messages. AWS takes up to 60 s, and refuses another purge during this time."""
        self._client.purge_queue(QueueUrl=self.url)


class Lane(SqsQueue):
    def send(self, *envelopes: Envelope) -> list[str]:
        """Send without the API, in batches of ten. Returns the message ids, in order.

        :raises StackError: the queue refused a message
        """
        ids = []
        for batch in chunks(envelopes, SQS_BATCH):
            answer = self._client.send_message_batch(
                QueueUrl=self.url,
                Entries=[_entry(number, envelope) for number, envelope in enumerate(batch)],
            )
            if failed := answer.get("Failed"):
                raise StackError(f"the queue refused {failed}")
            by_number = {int(sent["Id"]): sent["MessageId"] for sent in answer["Successful"]}
            ids += [by_number[number] for number in range(len(batch))]
        return ids


class Queues:
    """The queues of both lanes, as one."""

    def __init__(self, deployment: Deployment) -> None:
        client, outputs = deployment.clients.sqs, deployment.outputs
        self.short = Lane(client, outputs.sqs_queue_url)
        self.long = Lane(client, outputs.sqs_long_queue_url)
        self.lanes = (self.short, self.long)

    def counts(self) -> QueueCounts:
        return QueueCounts(*map(sum, zip(*(lane.counts() for lane in self.lanes), strict=True)))

    def depth(self) -> int:
        """How many messages are waiting, delayed or in flight. SQS counts approximately."""
        return sum(self.counts())

    def visibility_timeout(self) -> int:
        """In seconds."""
        return int(self.short.setting("VisibilityTimeout"))

    def purge(self) -> None:
        for lane in self.lanes:
            lane.purge()

    def wait_until_empty(self, *, deadline: float) -> None:
        wait_until(self.depth, lambda depth: depth == 0, deadline=deadline, what="empty queues")


def _entry(number: int, envelope: Envelope) -> SendMessageBatchRequestEntryTypeDef:
    entry: SendMessageBatchRequestEntryTypeDef = {
        "Id": str(number),
        "MessageBody": envelope.body,
        "MessageGroupId": envelope.group,
    }
    if envelope.fault:
        entry["MessageAttributes"] = {
            "Fault": {"DataType": "String", "StringValue": envelope.fault.to_attribute()}
        }
    return entry
