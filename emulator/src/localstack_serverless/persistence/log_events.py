"""The journal of the events in CloudWatch Logs.

Events are only ever added to a stream. If they were in the snapshot of the service, each snapshot
would have all events since LocalStack was first started: pickling 100 MB of them stopped all other
threads for a second. So snapshots leave them out, and what is new in each stream is appended here.
"""

import pickle
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from moto.logs.models import LogEvent, LogStream, logs_backends

from . import journal
from .journal import Journal

COMPACT_BYTES = 16 * 1024 * 1024
# so that no other thread waits long for the pickling
RECORD_EVENTS = 1000


class StreamId(NamedTuple):
    """:ivar created: distinguishes a stream from a deleted one with the same name"""

    account_id: str
    region: str
    group: str
    name: str
    created: int


class Event(NamedTuple):
    timestamp: int
    ingested: int
    message: str


class Events(NamedTuple):
    """A record of the journal."""

    stream: StreamId
    events: list[Event]


class LogEventJournal:
    """Not thread-safe: only the thread that saves state uses it."""

    def __init__(self, path: Path) -> None:
        """Start a new journal with the events of all streams."""
        # of each stream: how many events are in the journal, and how many bytes they take
        self._written: dict[StreamId, tuple[int, int]] = {}
        self._outdated_bytes = 0
        self._journal = Journal(path, self._new_records())

    @property
    def problem(self) -> str | None:
        """Why the last events could not be written; None where they were."""
        return self._journal.problem

    def save(self) -> None:
        """Append the events that are new.

        :raises OSError: the disk is full; the next call tries again
        """
        before = self._written.copy()
        try:
            records = [*self._new_records()]
            if records:
                self._journal.append(records)
        except OSError:
            self._written = before
            raise
        self._forget_deleted_streams()
        if self._outdated_bytes > max(COMPACT_BYTES, self._journal.size // 2):
            self._rewrite()

    def close(self) -> None:
        self._journal.close()

    def _rewrite(self) -> None:
        before, self._written = self._written, {}
        try:
            self._journal.rewrite(self._new_records())
        except OSError:
            self._written = before
            raise
        self._outdated_bytes = 0

    def _new_records(self) -> Iterator[bytes]:
        for stream_id, stream in _streams():
            count, size = self._written.get(stream_id, (0, 0))
            while new := stream.events[count : count + RECORD_EVENTS]:
                record = _record(stream_id, new)
                count, size = count + len(new), size + len(record)
                self._written[stream_id] = count, size
                yield record

    def _forget_deleted_streams(self) -> None:
        deleted = self._written.keys() - {stream_id for stream_id, _ in _streams()}
        self._outdated_bytes += sum(self._written.pop(stream_id)[1] for stream_id in deleted)


def _record(stream_id: StreamId, events: list[LogEvent]) -> bytes:
    # plain tuples: the file does not depend on our classes
    plain = [(event.timestamp, event.ingestion_time, event.message) for event in events]
    return pickle.dumps((tuple(stream_id), plain))


def read(path: Path) -> list[Events]:
    """
    :raises StateRefusedError: another version wrote the journal, or it is damaged
    """
    records = (pickle.loads(record) for record in journal.read(path))  # noqa: S301 - our own
    return [
        Events(StreamId(*stream), [Event(*event) for event in events]) for stream, events in records
    ]


def restore(kept: Iterable[Events]) -> None:
    """Add the events to their streams, which were restored without them. Events of streams that
    were deleted are dropped."""
    streams = dict(_streams())
    for stream_id, events in kept:
        if stream := streams.get(stream_id):
            stream.events += [_event(event) for event in events]


def _event(event: Event) -> LogEvent:
    return LogEvent(event.ingested, {"timestamp": event.timestamp, "message": event.message})


def _streams() -> Iterator[tuple[StreamId, LogStream]]:
    for account_id, regions in list(logs_backends.items()):
        for region, backend in list(regions.items()):
            for group in list(backend.groups.values()):
                for stream in list(group.streams.values()):
                    created = stream.creation_time
                    yield (
                        StreamId(account_id, region, group.name, stream.log_stream_name, created),
                        stream,
                    )
