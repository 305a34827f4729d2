"""The dead-letter queue (DLQ): list, delete and redrive its messages."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from typing import TYPE_CHECKING

from rdp.checkout import process_lock
from rdp.parsing import json_object
from rdp.stack.batches import SQS_BATCH, chunks
from rdp.stack.errors import StackError
from rdp.stack.queue import SqsQueue
from rdp.waiting import wait_for

if TYPE_CHECKING:
    from mypy_boto3_sqs.type_defs import (
        ListMessageMoveTasksResultEntryTypeDef,
        MessageTypeDef,
    )

    from rdp.deployment import Deployment

# Long enough to receive thousands. Messages that became visible again during this time would be
# received again, without end.
_HOLD_SECONDS = 300
_MOVING = ("RUNNING", "CANCELLING")


@dataclass(frozen=True)
class DeadLetter:
    message_id: str
    body: str
    sent_at: datetime
    receipt_handle: str = field(repr=False)

    @cached_property
    def fields(self) -> dict[str, object]:
        """The fields of the body; empty if the body is not a JSON object."""
        return json_object(self.body) or {}


class DeadLetters(SqsQueue):
    def __init__(self, deployment: Deployment) -> None:
        super().__init__(deployment.clients.sqs, deployment.outputs.sqs_dlq_url)

    def all(self, progress: Callable[[int], None] = lambda _received: None) -> list[DeadLetter]:
        """All messages of the DLQ, except those that a reader on another machine has received.

        Every message stays invisible until the queue returns no more. Then all are released.
        """
        with self._held(progress) as held:
            return held

    def delete(self, unwanted: Callable[[DeadLetter], bool]) -> int:
        """Returns how many were deleted.

        :raises StackError: SQS did not delete a message
        """
        with self._held() as held:
            chosen = [letter for letter in held if unwanted(letter)]
            for batch in chunks(chosen, SQS_BATCH):
                self._delete_batch(batch)
            held[:] = [letter for letter in held if not unwanted(letter)]
        return len(chosen)

    def redrive(
        self, *, deadline: float, progress: Callable[[int, int], None] = lambda _moved, _all: None
    ) -> int:
        """Move all messages back to the queue. Returns how many SQS moved.

        :param progress: called with how many were moved, and with about how many there were
        :raises StackError: SQS ended the task early; what was not moved is still in the DLQ
        :raises DeadlineExceededError: the task still runs, and SQS continues it
        """
        arn = self.setting("QueueArn")
        self._client.start_message_move_task(SourceArn=arn)

        def look() -> ListMessageMoveTasksResultEntryTypeDef | None:
            # the newest comes first
            tasks = self._client.list_message_move_tasks(SourceArn=arn)["Results"]
            if not tasks:
                return None
            progress(_moved(tasks[0]), tasks[0].get("ApproximateNumberOfMessagesToMove") or 0)
            return tasks[0]

        task = wait_for(
            look,
            lambda task: task["Status"] not in _MOVING,
            deadline=deadline,
            what="the end of the redrive",
        )
        if task["Status"] != "COMPLETED":
            raise StackError(
                f"the redrive ended as {task['Status']}"
                f" ({task.get('FailureReason', 'no reason given')}): what was not moved is still in"
                " the DLQ; fix the cause and redrive again"
            )
        return _moved(task)

    @contextlib.contextmanager
    def _held(
        self, progress: Callable[[int], None] = lambda _received: None
    ) -> Iterator[list[DeadLetter]]:
        """All messages that can be received. Those still in the list at the end are released."""
        held: list[DeadLetter] = []
        # two readers at once would each see only a part
        with process_lock("dead-letters"):
            try:
                while received := self._receive():
                    held += received
                    progress(len(held))
                yield held
            finally:
                self._release(held)

    def _delete_batch(self, letters: Sequence[DeadLetter]) -> None:
        answer = self._client.delete_message_batch(
            QueueUrl=self.url,
            Entries=[
                {"Id": str(number), "ReceiptHandle": letter.receipt_handle}
                for number, letter in enumerate(letters)
            ],
        )
        if failed := answer.get("Failed"):
            raise StackError(f"the DLQ did not delete {len(failed)} messages: {failed[0]['Code']}")

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
