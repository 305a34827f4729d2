"""The dead-letter queue (DLQ): list, delete and redrive its messages."""

from __future__ import annotations

import contextlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from typing import TYPE_CHECKING

from rdp.checkout import process_lock
from rdp.parsing import json_object
from rdp.stack.batches import SQS_BATCH, chunks
from rdp.stack.errors import StackError
from rdp.stack.move_task import MoveTask, check_completed, moved_by
from rdp.stack.queue import SqsQueue
from rdp.stack.resending import Batch, Resender

if TYPE_CHECKING:
    from mypy_boto3_sqs.type_defs import MessageAttributeValueOutputTypeDef, MessageTypeDef

    from rdp.deployment import Deployment

# Long enough to receive thousands. Messages that became visible again during this time would be
# received again, without end.
_HOLD_SECONDS = 300
_MOST_HOLD_SECONDS = 12 * 3600  # SQS allows no more
# What a slow connection manages to move.
_SLOW_RATE = 10


@dataclass(frozen=True)
class DeadLetter:
    message_id: str
    body: str
    sent_at: datetime
    receipt_handle: str = field(repr=False)
    source_arn: str | None = None
    """The queue that it came from; None if it was sent to the DLQ directly."""
    group: str | None = None
    trace: str | None = None
    """The X-Ray trace header."""
    attributes: Mapping[str, MessageAttributeValueOutputTypeDef] = field(default_factory=dict)

    @cached_property
    def fields(self) -> dict[str, object]:
        """The fields of the body; empty if the body is not a JSON object."""
        return json_object(self.body) or {}

    @property
    def source(self) -> str | None:
        """The name of the queue that it came from."""
        return self.source_arn and self.source_arn.rpartition(":")[2]

    @property
    def size(self) -> int:
        """In bytes, as SQS counts it."""
        values = (
            len(name) + sum(len(part) for part in value.values() if isinstance(part, str | bytes))
            for name, value in self.attributes.items()
        )
        return len(self.body.encode()) + sum(values)


class DeadLetters(SqsQueue):
    def __init__(self, deployment: Deployment) -> None:
        super().__init__(deployment.clients.sqs, deployment.outputs.sqs_dlq_url)

    def all(
        self,
        progress: Callable[[int], None] = lambda _received: None,
        waiting: Callable[[], None] = lambda: None,
    ) -> list[DeadLetter]:
        """All messages of the DLQ, except those that a reader on another machine has received.

        Every message stays invisible until the queue returns no more. Then all are released.

        :param progress: called with how many were received
        :param waiting: called if another command reads the DLQ, until whose end this one waits
        """
        with self._held(progress, waiting) as held:
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
        self,
        *,
        deadline: float,
        rate: int | None = None,
        progress: Callable[[int, int], None] = lambda _moved, _all: None,
    ) -> int:
        """Let SQS move all messages back to the queues that they came from. Returns how many.

        Ctrl-C cancels SQS's task.

        :param rate: the most messages a second, 1 to 500; None leaves it to SQS
        :param progress: called with how many were moved, and with about how many there were
        :raises StackError: another task runs, or SQS ended the task early; what was not moved is
            still in the DLQ
        :raises DeadlineExceededError: the task still runs, and SQS continues it
        """
        task = MoveTask(self._client, self.setting("QueueArn"))
        task.start(rate)
        try:
            end = task.follow(deadline=deadline, progress=progress)
        except KeyboardInterrupt:
            task.cancel()
            raise
        check_completed(end)
        return moved_by(end)

    def redrive_chosen(
        self,
        chosen: Callable[[DeadLetter], bool],
        *,
        rate: int | None = None,
        progress: Callable[[int, int], None] = lambda _moved, _seen: None,
        waiting: Callable[[], None] = lambda: None,
    ) -> int:
        """Move some messages back to the queues that they came from. Returns how many.

        SQS's own redrive cannot choose. A message is sent before it is deleted here: after a crash
        in between it is in both queues, and processing it twice makes one record. Messages that are
        not moved stay invisible until the end. Then they are released.

        :param rate: the most messages a second; None for as many as possible
        :param progress: called with how many were moved and how many were looked at
        :param waiting: called if another command reads the DLQ, until whose end this one waits
        :raises StackError: a queue did not take a message, or does not exist
        """
        resender = Resender(self._client, rate)
        hold_seconds = _hold_seconds(self.depth(), rate)
        moved, lost = 0, Counter[str]()
        # of what is invisible, by message id
        handles: dict[str, str] = {}
        with process_lock("dead-letters", waiting=waiting):
            try:
                while received := self._receive(hold_seconds):
                    handles |= {letter.message_id: letter.receipt_handle for letter in received}
                    letters = [letter for letter in received if chosen(letter)]
                    lost.update(
                        one.source or "sent to the DLQ directly"
                        for one in letters
                        if not resender.url(one)
                    )
                    for batch in resender.batches(letters):
                        moved += self._move(resender, batch, handles)
                        progress(moved, moved + len(handles))
                    progress(moved, moved + len(handles))
            finally:
                self._release(handles.values())
        if lost:
            raise StackError(_without_queue(moved, lost))
        return moved

    def _move(self, resender: Resender, batch: Batch, handles: dict[str, str]) -> int:
        sent, refused = resender.send(batch)
        if sent:
            self._delete_batch(sent)
        for letter in sent:
            del handles[letter.message_id]
        if refused:
            raise StackError(f"{batch.queue} did not take {len(refused)} messages: {refused[0]}")
        return len(sent)

    @contextlib.contextmanager
    def _held(
        self,
        progress: Callable[[int], None] = lambda _received: None,
        waiting: Callable[[], None] = lambda: None,
    ) -> Iterator[list[DeadLetter]]:
        """All messages that can be received. Those still in the list at the end are released."""
        held: list[DeadLetter] = []
        # two readers at once would each see only a part
        with process_lock("dead-letters", waiting=waiting):
            try:
                while received := self._receive():
                    held += received
                    progress(len(held))
                yield held
            finally:
                self._release(letter.receipt_handle for letter in held)

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

    def _release(self, receipt_handles: Iterable[str]) -> None:
        for chunk in chunks(receipt_handles, SQS_BATCH):
            self._client.change_message_visibility_batch(
                QueueUrl=self.url,
                Entries=[
                    {"Id": str(number), "ReceiptHandle": handle, "VisibilityTimeout": 0}
                    for number, handle in enumerate(chunk)
                ],
            )

    def _receive(self, hold_seconds: int = _HOLD_SECONDS) -> list[DeadLetter]:
        # Long polling asks every SQS server: an empty answer to a short poll proves nothing.
        answer = self._client.receive_message(
            QueueUrl=self.url,
            MaxNumberOfMessages=SQS_BATCH,
            VisibilityTimeout=hold_seconds,
            WaitTimeSeconds=1,
            MessageSystemAttributeNames=[
                "SentTimestamp",
                "DeadLetterQueueSourceArn",
                "MessageGroupId",
                "AWSTraceHeader",
            ],
            MessageAttributeNames=["All"],
        )
        return [_dead_letter(message) for message in answer.get("Messages", [])]


def _hold_seconds(depth: int, rate: int | None) -> int:
    """Twice as long as moving all of them takes, because a crash leaves them invisible so long."""
    seconds = 2 * depth // min(rate or _SLOW_RATE, _SLOW_RATE)
    return min(max(_HOLD_SECONDS, seconds), _MOST_HOLD_SECONDS)


def _without_queue(moved: int, lost: Counter[str]) -> str:
    queues = ", ".join(f"{name} ({count:,})" for name, count in sorted(lost.items()))
    return (
        f"moved {moved:,}; others stay in the DLQ, because the queue that they came from does not"
        f" exist: {queues}; create it again and redrive"
    )


def _dead_letter(message: MessageTypeDef) -> DeadLetter:
    system = message["Attributes"]
    return DeadLetter(
        message_id=message["MessageId"],
        body=message["Body"],
        sent_at=datetime.fromtimestamp(int(system["SentTimestamp"]) / 1000, UTC),
        receipt_handle=message["ReceiptHandle"],
        source_arn=system.get("DeadLetterQueueSourceArn"),
        group=system.get("MessageGroupId"),
        trace=system.get("AWSTraceHeader"),
        attributes=message.get("MessageAttributes", {}),
    )
