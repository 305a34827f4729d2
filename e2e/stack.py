"""One running stack, through its public surfaces: HTTP API, queue, DLQ, table, logs, functions.

Nothing here knows pytest: the load test and the chaos experiments use it too.
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, NamedTuple, TypeVar

import requests

from e2e.deployment import Deployment
from e2e.functions import Functions
from e2e.locks import process_lock
from e2e.waiting import wait_until
from e2e.wire import DeadLetter, Envelope, LogLine, Record

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.type_defs import WriteRequestTypeDef
    from mypy_boto3_sqs.literals import QueueAttributeNameType
    from mypy_boto3_sqs.type_defs import (
        MessageTypeDef,
        SendMessageBatchRequestEntryTypeDef,
    )

_BATCH = 10
_HTTP_TIMEOUT_SECONDS = 40
# long enough to receive thousands: what came back meanwhile would be received again, without end
_HOLD_SECONDS = 300
_MOVING = ("RUNNING", "CANCELLING")

T = TypeVar("T")


class QueueCounts(NamedTuple):
    """Approximate, as SQS is."""

    waiting: int
    in_flight: int
    delayed: int


class StackError(Exception):
    """An AWS call answered, but not with what it was asked for."""


class Stack:
    def __init__(self, deployment: Deployment) -> None:
        self.target = deployment.target
        self.outputs = deployment.outputs
        self._sqs = deployment.clients.sqs
        self._dynamodb = deployment.clients.dynamodb
        self.functions = Functions(deployment)
        self._logs = deployment.clients.logs

    # -- HTTP API ------------------------------------------------------------------------------

    def request(
        self, method: str, path: str, body: bytes = b"", headers: Mapping[str, str] | None = None
    ) -> requests.Response:
        return requests.request(
            method,
            self.outputs.api_invoke_url + path,
            data=body,
            headers=headers,
            timeout=_HTTP_TIMEOUT_SECONDS,
        )

    def post_json(self, fields: object) -> requests.Response:
        body = json.dumps(fields).encode()
        return self.request("POST", "/ingest", body, {"Content-Type": "application/json"})

    def post_text(
        self, tenant_id: str, text: str, *, log_id: str | None = None
    ) -> requests.Response:
        headers = {"Content-Type": "text/plain", "X-Tenant-ID": tenant_id}
        if log_id is not None:
            headers["X-Log-ID"] = log_id
        return self.request("POST", "/ingest", text.encode(), headers)

    # -- table ---------------------------------------------------------------------------------

    def records(self, tenant_id: str) -> list[Record]:
        """All that a query for the tenant returns, strongly consistent."""
        pages = self._dynamodb.get_paginator("query").paginate(
            TableName=self.outputs.table_name,
            KeyConditionExpression="tenant_id = :tenant_id",
            ExpressionAttributeValues={":tenant_id": {"S": tenant_id}},
            ConsistentRead=True,
        )
        return [Record.from_item(item) for page in pages for item in page["Items"]]  # type: ignore[arg-type]

    def record(self, tenant_id: str, log_id: str) -> Record | None:
        answer = self._dynamodb.get_item(
            TableName=self.outputs.table_name, Key=_key(tenant_id, log_id), ConsistentRead=True
        )
        return Record.from_item(answer["Item"]) if "Item" in answer else None  # type: ignore[arg-type]

    def wait_for_record(
        self,
        tenant_id: str,
        log_id: str,
        *,
        deadline: float,
        where: Callable[[Record], bool] = lambda _record: True,
    ) -> Record:
        """The record once it is there and satisfies `where`."""
        record = wait_until(
            lambda: self.record(tenant_id, log_id),
            lambda record: record is not None and where(record),
            deadline=deadline,
            what=f"the record ({tenant_id}, {log_id})",
        )
        assert record is not None
        return record

    def records_holding(self, phrase: str) -> list[Record]:
        """All of the table, whoever's, whose original text holds the phrase: a scan."""
        pages = self._dynamodb.get_paginator("scan").paginate(
            TableName=self.outputs.table_name,
            FilterExpression="contains(original_text, :phrase)",
            ExpressionAttributeValues={":phrase": {"S": phrase}},
            ConsistentRead=True,
        )
        return [Record.from_item(item) for page in pages for item in page["Items"]]  # type: ignore[arg-type]

    def delete_records(self, tenant_id: str) -> None:
        for chunk in _chunks(self.records(tenant_id)):
            deletions: list[WriteRequestTypeDef] = [
                {"DeleteRequest": {"Key": _key(tenant_id, record.log_id)}} for record in chunk
            ]
            self._dynamodb.batch_write_item(RequestItems={self.outputs.table_name: deletions})

    # -- queue ---------------------------------------------------------------------------------

    def enqueue(self, *envelopes: Envelope) -> list[str]:
        """Send past the API, in batches of ten; the message ids, in order."""
        ids = []
        for some in _chunks(envelopes):
            answer = self._sqs.send_message_batch(
                QueueUrl=self.outputs.sqs_queue_url,
                Entries=[_entry(number, envelope) for number, envelope in enumerate(some)],
            )
            if failed := answer.get("Failed"):
                raise StackError(f"the queue refused {failed}")
            by_number = {int(sent["Id"]): sent["MessageId"] for sent in answer["Successful"]}
            ids += [by_number[number] for number in range(len(some))]
        return ids

    def queue_depth(self) -> int:
        """Messages that the queue holds, waiting, delayed or in flight: approximate, as SQS is."""
        return self._depth(self.outputs.sqs_queue_url)

    def wait_for_empty_queue(self, *, deadline: float) -> None:
        wait_until(
            self.queue_depth, lambda depth: depth == 0, deadline=deadline, what="an empty queue"
        )

    def purge_queue(self) -> None:
        self._sqs.purge_queue(QueueUrl=self.outputs.sqs_queue_url)

    def queue_counts(self) -> QueueCounts:
        return self._counts(self.outputs.sqs_queue_url)

    def queue_setting(self, name: QueueAttributeNameType) -> str:
        answer = self._sqs.get_queue_attributes(
            QueueUrl=self.outputs.sqs_queue_url, AttributeNames=[name]
        )
        return answer["Attributes"][name]

    # -- DLQ -----------------------------------------------------------------------------------

    def dlq_depth(self) -> int:
        return self._depth(self.outputs.sqs_dlq_url)

    def dead_letters(self) -> list[DeadLetter]:
        """What the DLQ holds, less what another machine's reader holds at this moment.

        Every message is held until the queue gives no more, then all are released at once.
        """
        with self._held_dead_letters() as held:
            return held

    def delete_dead_letters(self, unwanted: Callable[[DeadLetter], bool]) -> int:
        """How many were deleted."""
        with self._held_dead_letters() as held:
            mine = [letter for letter in held if unwanted(letter)]
            for letter in mine:
                self._sqs.delete_message(
                    QueueUrl=self.outputs.sqs_dlq_url, ReceiptHandle=letter.receipt_handle
                )
                held.remove(letter)
        return len(mine)

    def redrive(self, *, deadline: float) -> None:
        """Move the whole DLQ back to the queue.

        Raises:
            StackError: SQS gave it up.
        """
        arn = self._arn(self.outputs.sqs_dlq_url)
        self._sqs.start_message_move_task(SourceArn=arn)
        task = wait_until(
            lambda: self._sqs.list_message_move_tasks(SourceArn=arn)["Results"][0],
            lambda task: task["Status"] not in _MOVING,
            deadline=deadline,
            what="the end of the redrive",
        )
        if task["Status"] != "COMPLETED":
            raise StackError(f"the redrive ended as {task}")

    @contextlib.contextmanager
    def _held_dead_letters(self) -> Iterator[list[DeadLetter]]:
        """All that can be received; what stays in the list is released at the end."""
        held: list[DeadLetter] = []
        # two readers at once would see a part each
        with process_lock("dead-letters"):
            try:
                while some := self._receive_dead_letters():
                    held += some
                yield held
            finally:
                self._release_dead_letters(held)

    def _release_dead_letters(self, held: Sequence[DeadLetter]) -> None:
        for chunk in _chunks(held):
            self._sqs.change_message_visibility_batch(
                QueueUrl=self.outputs.sqs_dlq_url,
                Entries=[
                    {
                        "Id": str(number),
                        "ReceiptHandle": letter.receipt_handle,
                        "VisibilityTimeout": 0,
                    }
                    for number, letter in enumerate(chunk)
                ],
            )

    def _receive_dead_letters(self) -> list[DeadLetter]:
        # Long polling asks every SQS server: an empty answer to a short poll proves nothing.
        answer = self._sqs.receive_message(
            QueueUrl=self.outputs.sqs_dlq_url,
            MaxNumberOfMessages=_BATCH,
            VisibilityTimeout=_HOLD_SECONDS,
            WaitTimeSeconds=1,
            MessageSystemAttributeNames=["SentTimestamp"],
        )
        return [_dead_letter(message) for message in answer.get("Messages", [])]

    def _depth(self, queue_url: str) -> int:
        return sum(self._counts(queue_url))

    def _counts(self, queue_url: str) -> QueueCounts:
        attributes = self._sqs.get_queue_attributes(
            QueueUrl=queue_url,
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

    def _arn(self, queue_url: str) -> str:
        answer = self._sqs.get_queue_attributes(QueueUrl=queue_url, AttributeNames=["QueueArn"])
        return answer["Attributes"]["QueueArn"]

    # -- logs ----------------------------------------------------------------------------------

    def api_log(self, *, since: float, phrase: str = "") -> list[LogLine]:
        return self._log(f"/aws/lambda/{self.outputs.api_function_name}", since, phrase)

    def worker_log(self, *, since: float, phrase: str = "") -> list[LogLine]:
        return self._log(f"/aws/lambda/{self.outputs.worker_function_name}", since, phrase)

    def access_log(self, *, since: float, phrase: str = "") -> list[LogLine]:
        return self._log(f"/aws/apigateway/{self.outputs.api_function_name}", since, phrase)

    def _log(self, group: str, since: float, phrase: str) -> list[LogLine]:
        """Lines from `since` (seconds since the epoch) that hold the phrase, as they were stored.

        LocalStack ignores the pattern, so the phrase is looked for here again.
        """
        pages = self._logs.get_paginator("filter_log_events").paginate(
            logGroupName=group,
            startTime=int(since * 1000),
            filterPattern=json.dumps(phrase) if phrase else "",
        )
        lines = [
            LogLine(event["eventId"], event["timestamp"] / 1000, event["message"].rstrip())
            for page in pages
            for event in page["events"]
            if phrase in event["message"]
        ]
        return sorted(lines, key=lambda line: line.stored_at)


def _key(tenant_id: str, log_id: str) -> dict[str, dict[str, str]]:
    return {"tenant_id": {"S": tenant_id}, "log_id": {"S": log_id}}


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


def _dead_letter(message: MessageTypeDef) -> DeadLetter:
    sent_at = int(message["Attributes"]["SentTimestamp"]) / 1000
    return DeadLetter(
        message_id=message["MessageId"],
        body=message["Body"],
        sent_at=datetime.fromtimestamp(sent_at, UTC),
        receipt_handle=message["ReceiptHandle"],
    )


def _chunks(items: Sequence[T]) -> Iterator[Sequence[T]]:
    for start in range(0, len(items), _BATCH):
        yield items[start : start + _BATCH]
