"""A tenant of one test: what it sends, what comes of it, and how to clean up."""

import time
from collections.abc import Callable, Iterable

import requests

from rdp.stack import DeadLetter, Envelope, Fault, LogLine, Part, QueueMessage, Record, Stack
from rdp.waiting import wait_until

DEADLINE_SECONDS = 90
_CLOCK_SKEW_SECONDS = 30
_ENDS = ("stored", "duplicate")

TEXT = "call 555-0199"
REDACTED_TEXT = "call [REDACTED]"


class Tenant:
    def __init__(self, stack: Stack, name: str) -> None:
        self.name = name
        self._stack = stack
        self._born = time.time() - _CLOCK_SKEW_SECONDS
        self._message_ids: set[str] = set()

    # -- through the API -----------------------------------------------------------------------

    def post_json(self, text: str = TEXT, *, log_id: str | None = None) -> requests.Response:
        fields = {"tenant_id": self.name, "text": text}
        return self._stack.api.post_json(fields if log_id is None else {**fields, "log_id": log_id})

    def post_text(self, text: str = TEXT, *, log_id: str | None = None) -> requests.Response:
        return self._stack.api.post_text(self.name, text, log_id=log_id)

    # -- without the API -----------------------------------------------------------------------

    def message(self, log_id: str, text: str = TEXT) -> QueueMessage:
        return QueueMessage(tenant_id=self.name, log_id=log_id, text=text)

    def enqueue(self, message: QueueMessage, fault: Fault | None = None) -> str:
        [message_id] = self.enqueue_all(Envelope.of(message, fault))
        return message_id

    def enqueue_all(self, *envelopes: Envelope) -> list[str]:
        message_ids = self._stack.queues.short.send(*envelopes)
        self._message_ids.update(message_ids)
        return message_ids

    # -- what comes of it -----------------------------------------------------------------------

    def records(self) -> list[Record]:
        return list(self._stack.records.of(self.name))

    def wait_for_record(
        self, log_id: str, where: Callable[[Record], bool] = lambda _record: True
    ) -> Record:
        return self._stack.records.wait_for(
            self.name, log_id, deadline=DEADLINE_SECONDS, where=where
        )

    def wait_for_records(self, count: int, deadline: float = DEADLINE_SECONDS) -> list[Record]:
        """Fails if there are more than `count`, too."""
        return wait_until(
            self.records,
            lambda records: len(records) == count,
            deadline=deadline,
            what=f"{count} records of {self.name}",
        )

    def dead_letters(self) -> list[DeadLetter]:
        return [letter for letter in self._stack.dead_letters.all() if self._owns(letter)]

    def wait_for_dead_letters(
        self, count: int, deadline: float = DEADLINE_SECONDS
    ) -> list[DeadLetter]:
        return wait_until(
            self.dead_letters,
            lambda letters: len(letters) == count,
            deadline=deadline,
            what=f"{count} messages of {self.name} in the DLQ",
        )

    def worker_log(self, phrase: str) -> list[LogLine]:
        """The worker's lines about messages that contain the phrase, oldest first."""
        lines = self._stack.logs.of(Part.WORKER, since=self._born, phrase=phrase)
        about = [line for line in lines if line.fields and "message_id" in line.fields]
        return sorted(about, key=lambda line: line.written_at)

    def wait_for_worker_log(self, phrase: str, *last_events: str) -> list[LogLine]:
        """The lines, once the last ones are about these events, in this order."""
        return wait_until(
            lambda: self.worker_log(phrase),
            lambda lines: [line.event for line in lines][-len(last_events) :] == [*last_events],
            deadline=DEADLINE_SECONDS,
            what=f"{', '.join(last_events)} of {phrase} in the worker's log",
        )

    def wait_until_settled(self, message_ids: Iterable[str]) -> None:
        """Wait until the worker logged each message as stored or as a duplicate."""
        wait_until(
            lambda: set(message_ids) - self._settled(),
            lambda unsettled: not unsettled,
            deadline=DEADLINE_SECONDS,
            what=f"the end of all messages of {self.name}",
        )

    def _settled(self) -> set[object]:
        lines = self.worker_log(self.name)
        return {line.fields["message_id"] for line in lines if line.fields and line.event in _ENDS}

    # -- clean up ------------------------------------------------------------------------------

    def clean_up(self) -> None:
        self._stack.records.delete_of(self.name)
        if self._message_ids:
            self._stack.dead_letters.delete(self._owns)

    def _owns(self, letter: DeadLetter) -> bool:
        # also by tenant, because a redriven message has a new id on AWS
        return letter.message_id in self._message_ids or letter.fields.get("tenant_id") == self.name
