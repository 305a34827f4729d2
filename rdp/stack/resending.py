"""Sends dead letters to the queues that they came from."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, NamedTuple

from rdp.stack.batches import SQS_BATCH

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient
    from mypy_boto3_sqs.type_defs import SendMessageBatchRequestEntryTypeDef

    from rdp.stack.dead_letters import DeadLetter

# The least that SQS has ever accepted as the size of a batch. A single message may be larger.
_BATCH_BYTES = 262_144


class Batch(NamedTuple):
    url: str
    """Of the queue that all of them came from."""
    letters: list[DeadLetter]

    @property
    def queue(self) -> str:
        """The queue's name."""
        return self.url.rpartition("/")[2]


class Resender:
    """:param rate: the most messages a second, on average; None for as many as possible"""

    def __init__(self, client: SQSClient, rate: int | None) -> None:
        self._client = client
        self._rate = rate
        self._due = time.monotonic()
        self._urls: dict[str | None, str | None] = {None: None}

    def url(self, letter: DeadLetter) -> str | None:
        """The URL of the queue that it came from; None if that is unknown or does not exist."""
        arn = letter.source_arn
        if arn not in self._urls:
            self._urls[arn] = self._look_up(arn or "")
        return self._urls[arn]

    def batches(self, letters: Iterable[DeadLetter]) -> Iterator[Batch]:
        """Batches that one call can send, each to one queue. Who has no queue is left out."""
        most = min(SQS_BATCH, self._rate or SQS_BATCH)
        by_url: dict[str, list[DeadLetter]] = {}
        for letter in letters:
            if url := self.url(letter):
                by_url.setdefault(url, []).append(letter)
        for url, of_queue in by_url.items():
            for batch in _fitting(of_queue, most):
                yield Batch(url, batch)

    def send(self, batch: Batch) -> tuple[list[DeadLetter], list[str]]:
        """Returns what the queue has taken, and the codes of its refusals."""
        self._wait(len(batch.letters))
        answer = self._client.send_message_batch(
            QueueUrl=batch.url,
            Entries=[_entry(number, letter) for number, letter in enumerate(batch.letters)],
        )
        sent = [batch.letters[int(entry["Id"])] for entry in answer.get("Successful", [])]
        return sent, [entry["Code"] for entry in answer.get("Failed", [])]

    def _look_up(self, arn: str) -> str | None:
        account, _, name = arn.rpartition(":")
        try:
            return self._client.get_queue_url(
                QueueName=name, QueueOwnerAWSAccountId=account.rpartition(":")[2]
            )["QueueUrl"]
        except self._client.exceptions.QueueDoesNotExist:
            return None

    def _wait(self, count: int) -> None:
        if self._rate is None:
            return
        now = time.monotonic()
        if now < self._due:
            time.sleep(self._due - now)
        self._due = max(now, self._due) + count / self._rate


def _fitting(letters: Iterable[DeadLetter], most: int) -> Iterator[list[DeadLetter]]:
    batch: list[DeadLetter] = []
    size = 0
    for letter in letters:
        if batch and (len(batch) == most or size + letter.size > _BATCH_BYTES):
            yield batch
            batch, size = [], 0
        batch.append(letter)
        size += letter.size
    if batch:
        yield batch


def _entry(number: int, letter: DeadLetter) -> SendMessageBatchRequestEntryTypeDef:
    entry: SendMessageBatchRequestEntryTypeDef = {
        "Id": str(number),
        "MessageBody": letter.body,
        "MessageAttributes": letter.attributes,
    }
    if letter.group is not None:
        entry["MessageGroupId"] = letter.group
    if letter.trace is not None:
        entry["MessageSystemAttributes"] = {
            "AWSTraceHeader": {"DataType": "String", "StringValue": letter.trace}
        }
    return entry
