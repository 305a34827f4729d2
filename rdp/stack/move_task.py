"""SQS's own redrive: a task that moves all messages of a dead-letter queue.

Without a destination it returns each message to the queue that it came from:
https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_StartMessageMoveTask.html
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from rdp.stack.errors import CALL_ERRORS, StackError
from rdp.waiting import wait_for

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient
    from mypy_boto3_sqs.type_defs import (
        ListMessageMoveTasksResultEntryTypeDef,
        StartMessageMoveTaskRequestTypeDef,
    )

_MOVING = ("RUNNING", "CANCELLING")
# https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/troubleshooting-dlq-redrive.html
_ADVICE = {
    "CouldNotDetermineMessageSource": "a message was sent to the DLQ directly, so it has no queue"
    " to go back to. `rdp dlq list` shows it, `rdp dlq redrive --transient` leaves it out",
    "AWS.SimpleQueueService.NonExistentQueue": "a message came from a queue that does not exist"
    " any more. `rdp dlq list` names the queue: create it again",
}


class MoveTask:
    """One task. SQS runs only one at a time for each queue.

    :param dlq_arn: the ARN of the dead-letter queue
    """

    def __init__(self, client: SQSClient, dlq_arn: str) -> None:
        self._client = client
        self._dlq_arn = dlq_arn
        self._handle = ""
        self._previous: int | None = None

    def start(self, rate: int | None) -> None:
        """
        :param rate: the most messages a second, 1 to 500; None leaves it to SQS
        :raises StackError: a task runs already
        """
        previous = self._newest()
        self._previous = previous.get("StartedTimestamp") if previous else None
        request: StartMessageMoveTaskRequestTypeDef = {"SourceArn": self._dlq_arn}
        if rate is not None:
            request["MaxNumberOfMessagesPerSecond"] = rate
        try:
            self._handle = self._client.start_message_move_task(**request)["TaskHandle"]
        except ClientError as error:
            running = self._newest()
            if not running or running["Status"] not in _MOVING:
                raise
            raise StackError(
                f"another redrive is {running['Status'].lower()} ({moved_by(running):,} of about"
                f" {_total(running):,} messages moved), and SQS runs one at a time: redrive again"
                " when it has ended, if messages are left"
            ) from error

    def follow(
        self, *, deadline: float, progress: Callable[[int, int], None]
    ) -> ListMessageMoveTasksResultEntryTypeDef:
        """What SQS lists of the task at its end.

        :param progress: called with how many were moved, and with about how many there were
        :raises DeadlineExceededError: the task still runs
        """

        def look() -> ListMessageMoveTasksResultEntryTypeDef | None:
            newest = self._newest()
            # SQS lists a task a moment after its start
            if not newest or newest.get("StartedTimestamp") == self._previous:
                return None
            progress(moved_by(newest), _total(newest))
            return newest

        return wait_for(
            look,
            lambda task: task["Status"] not in _MOVING,
            deadline=deadline,
            what="the end of the redrive",
        )

    def cancel(self) -> None:
        """What was not moved yet stays. No error if the task has ended."""
        with contextlib.suppress(*CALL_ERRORS):
            self._client.cancel_message_move_task(TaskHandle=self._handle)

    def _newest(self) -> ListMessageMoveTasksResultEntryTypeDef | None:
        tasks = self._client.list_message_move_tasks(SourceArn=self._dlq_arn).get("Results")
        return tasks[0] if tasks else None


def check_completed(task: ListMessageMoveTasksResultEntryTypeDef) -> None:
    """:raises StackError: the task failed or was cancelled"""
    if task["Status"] == "COMPLETED":
        return
    reason = task.get("FailureReason", "no reason given")
    advice = _ADVICE.get(reason, "fix the cause and redrive again")
    raise StackError(
        f"the redrive ended as {task['Status']} ({reason}): {moved_by(task):,} messages were moved,"
        f" the others are still in the DLQ; {advice}"
    )


def moved_by(task: ListMessageMoveTasksResultEntryTypeDef) -> int:
    return task.get("ApproximateNumberOfMessagesMoved") or 0


def _total(task: ListMessageMoveTasksResultEntryTypeDef) -> int:
    return task.get("ApproximateNumberOfMessagesToMove") or 0
