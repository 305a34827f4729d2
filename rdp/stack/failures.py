"""Why messages failed, from the worker's log."""

from __future__ import annotations

import time
from collections.abc import Callable
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

from rdp.target import Part

if TYPE_CHECKING:
    from rdp.stack.logs import LogLine, Logs

# A field that only the worker's lines about failures have.
_FIELD = "retry_seconds"
_LAST, _RETRIED = "failed", "retried"
# lines between two reports of progress
_STEP = 1000


class Kind(StrEnum):
    """Of a message's last failure: whether another attempt may succeed."""

    TRANSIENT = "transient"
    CRASH = "crash"
    PERMANENT = "permanent"
    UNKNOWN = "unknown"


class Failure(NamedTuple):
    kind: Kind
    reason: str | None
    """What the worker logged last about the message; None if it logged nothing."""


class Failures:
    """The last failure of each message.

    Thousands of lookups by message would take hours: CloudWatch answers a few calls a second, and
    each searches the whole time. So all lines about failures are read once, as far back as the
    oldest message that was asked about.

    :param progress: called with how many lines were read, now and then
    """

    def __init__(self, logs: Logs, progress: Callable[[int], None] = lambda _lines: None) -> None:
        self._logs = logs
        self._progress = progress
        self._began = time.time()
        self._since: float | None = None
        self._read = 0
        self._last: dict[str, tuple[float, Failure]] = {}

    def of(self, message_id: str, *, sent_at: float) -> Failure:
        """The message's last failure. Later failures than the first call are not seen.

        :param sent_at: seconds since the epoch
        """
        if self._since is None or sent_at < self._since:
            self._read_back_to(sent_at)
        _, failure = self._last.get(message_id, (0.0, Failure(Kind.UNKNOWN, None)))
        return failure

    def _read_back_to(self, moment: float) -> None:
        until = self._since
        if until is not None:
            # At least doubled, so that messages in any order cause a few calls only.
            moment = min(moment, 2 * until - self._began)
        for line in self._logs.each(Part.WORKER, since=moment, until=until, phrase=_FIELD):
            self._note(line)
            self._read += 1
            if self._read % _STEP == 0:
                self._progress(self._read)
        self._since = moment

    def _note(self, line: LogLine) -> None:
        fields = line.fields or {}
        # a tenant's log id may be the phrase, too; "backoff failed" repeats another line's fields
        if _FIELD not in fields or line.event not in (_LAST, _RETRIED):
            return
        message_id = str(fields.get("message_id"))
        written_at, _ = self._last.get(message_id, (0.0, None))
        if line.written_at >= written_at:
            self._last[message_id] = (line.written_at, _failure(fields))


def _failure(fields: dict[str, object]) -> Failure:
    reason = str(fields.get("reason"))
    if fields.get("message") == _RETRIED:
        # another attempt followed, and its process died before it wrote a line
        return Failure(Kind.UNKNOWN, f"no line about the last attempt; before it: {reason}")
    kind = fields.get("kind")
    return Failure(next((known for known in Kind if known == kind), Kind.UNKNOWN), reason)
