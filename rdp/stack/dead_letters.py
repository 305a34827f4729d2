"""The dead-letter queue: what is in it, and back to the queue with it."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from rdp.checkout import process_lock
from rdp.deployment import Deployment
from rdp.stack.batches import SQS_BATCH, chunks
from rdp.stack.errors import StackError
from rdp.stack.messages import json_object
from rdp.stack.queue import SqsQueue
from rdp.waiting import wait_until

if TYPE_CHECKING:
    from mypy_boto3_sqs.type_defs import (
        ListMessageMoveTasksResultEntryTypeDef,
        MessageTypeDef,
    )

# Long enough to receive thousands: what came back meanwhile would be received again, without end.
_HOLD_SECONDS = 300
_MOVING = ("RUNNING", "CANCELLING")


@dataclass(frozen=True)
class DeadLetter:
    message_id: str
    body: str
    sent_at: datetime
    receipt_handle: str = field(repr=False)

    @property
    def fields(self) -> dict[str, object]:
        """The body's; empty where the body is no JSON object."""
        return json_object(self.body) or {}


class DeadLetters(SqsQueue):
    def __init__(self, deployment: Deployment) -> None:
        super().__init__(deployment.clients.sqs, deployment.outputs.sqs_dlq_url)

    def all(self, progress: Callable[[int], None] = lambda _received: None) -> list[DeadLetter]:
        """What the DLQ holds, less what another machine's reader holds at this moment.

        Every message is held until the queue gives no more, then all are released at once.
        """
        with self._held(progress) as held:
            return held

    def delete(self, unwanted: Callable[[DeadLetter], bool]) -> int:
        """How many were deleted."""
        with self._held() as held:
            chosen = [letter for letter in held if unwanted(letter)]
            for letter in chosen:
                self._client.delete_message(QueueUrl=self.url, ReceiptHandle=letter.receipt_handle)
                held.remove(letter)
        return len(chosen)

    def redrive(
        self, *, deadline: float, progress: Callable[[int, int], None] = lambda _moved, _all: None
    ) -> int:
        """Move all messages back to the queue; returns how many SQS moved.

        :param progress: hears how many were moved, and about how many there were
        :raises StackError: SQS ended the task early; what was not moved is still in the DLQ
        :raises DeadlineExceededError: it still runs; SQS goes on with it
        """
        arn = self.setting("QueueArn")
        self._client.start_message_move_task(SourceArn=arn)

        def look() -> ListMessageMoveTasksResultEntryTypeDef:
            task = self._client.list_message_move_tasks(SourceArn=arn)["Results"][0]
            progress(_moved(task), task.get("ApproximateNumberOfMessagesToMove") or 0)
            return task

        task = wait_until(
            look,
            lambda task: task["Status"] not in _MOVING,
            deadline=deadline,
            what="the end of the redrive",
        )
        if task["Status"] != "COMPLETED":
            raise StackError(
                f"the redrive ended as {task['Status']}"
                f" ({task.get('FailureReason', 'no reason given')}): what was not moved is still in"
                " the DLQ; mend the cause and redrive again"
            )
        return _moved(task)

    @contextlib.contextmanager
    def _held(
        self, progress: Callable[[int], None] = lambda _received: None
    ) -> Iterator[list[DeadLetter]]:
        """All that can be received; what stays in the list is released at the end."""
        held: list[DeadLetter] = []
        # two readers at once would see a part each
        with process_lock("dead-letters"):
            try:
                while some := self._receive():
                    held += some
                    progress(len(held))
                yield held
            finally:
                self._release(held)

    def _release(self, held: Sequence[DeadLetter]) -> None:
        for chunk in chunks(held, SQS_BATCH):
            self._client.change_message_visibility_batch(
                QueueUrl=self.url,
                Entries=[
                    {
                        "Id": str(number),
                        "ReceiptHandle": letter.receipt_handle,
                        "VisibilityTimeout": 0,
                    }
                    for number, letter in enumerate(chunk)
                ],
            )

    def _receive(self) -> list[DeadLetter]:
        # Long polling asks every SQS server: an empty answer to a short poll proves nothing.
        answer = self._client.receive_message(
            QueueUrl=self.url,
            MaxNumberOfMessages=SQS_BATCH,
            VisibilityTimeout=_HOLD_SECONDS,
            WaitTimeSeconds=1,
            MessageSystemAttributeNames=["SentTimestamp"],
        )
        return [_dead_letter(message) for message in answer.get("Messages", [])]


def _moved(task: ListMessageMoveTasksResultEntryTypeDef) -> int:
    return task.get("ApproximateNumberOfMessagesMoved") or 0


def _dead_letter(message: MessageTypeDef) -> DeadLetter:
    sent_at = int(message["Attributes"]["SentTimestamp"]) / 1000
    return DeadLetter(
        message_id=message["MessageId"],
        body=message["Body"],
        sent_at=datetime.fromtimestamp(sent_at, UTC),
        receipt_handle=message["ReceiptHandle"],
    )
