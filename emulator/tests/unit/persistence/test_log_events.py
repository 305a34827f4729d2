"""The journal of log events."""

import pickle
from collections.abc import Iterator
from pathlib import Path

import pytest
from moto.logs.models import LogsBackend, LogStream, logs_backends

from localstack_serverless.persistence import log_events, pickling
from localstack_serverless.persistence.log_events import LogEventJournal

GROUP = "group"


@pytest.fixture
def backend() -> Iterator[LogsBackend]:
    backend = logs_backends["000000000000"]["us-east-1"]
    backend.create_log_group(GROUP, {})
    yield backend
    backend.delete_log_group(GROUP)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "log-events.journal"


@pytest.fixture
def journal(path: Path) -> Iterator[LogEventJournal]:
    journal = LogEventJournal(path)
    yield journal
    journal.close()


def stream(backend: LogsBackend, name: str = "stream") -> LogStream:
    if name not in backend.groups[GROUP].streams:
        backend.create_log_stream(GROUP, name)
    return backend.groups[GROUP].streams[name]


def put(stream: LogStream, *messages: str) -> None:
    stream.put_log_events(
        [{"timestamp": number, "message": message} for number, message in enumerate(messages)]
    )


def restart(backend: LogsBackend, path: Path) -> None:
    """Replace the streams by what is kept of them."""
    streams = backend.groups[GROUP].streams
    for name, kept in pickle.loads(pickling.dumps(dict(streams))).items():
        streams[name] = kept
    log_events.restore(log_events.read(path))


def messages(stream: LogStream) -> list[str]:
    return [event.message for event in stream.events]


def test_snapshot_of_a_stream_has_everything_but_its_events(backend: LogsBackend) -> None:
    put(stream(backend), "a")
    restored = pickle.loads(pickling.dumps(stream(backend)))
    assert restored.events == []
    assert restored.stored_bytes == 1


def test_events_come_back_in_their_order(
    backend: LogsBackend, journal: LogEventJournal, path: Path
) -> None:
    put(stream(backend), "a", "b")
    put(stream(backend, "other"), "x")
    journal.save()
    put(stream(backend), "c")
    journal.save()
    journal.save()

    restart(backend, path)

    assert messages(stream(backend)) == ["a", "b", "c"]
    assert messages(stream(backend, "other")) == ["x"]


def test_events_before_the_journal_are_in_it(backend: LogsBackend, path: Path) -> None:
    """As those of a snapshot in format 1, and those of the journal before a restart."""
    put(stream(backend), *map(str, range(log_events.RECORD_EVENTS + 1)))
    LogEventJournal(path).close()

    restart(backend, path)

    assert messages(stream(backend)) == [*map(str, range(log_events.RECORD_EVENTS + 1))]


def test_deleted_stream_does_not_get_its_events_back_under_the_same_name(
    backend: LogsBackend, journal: LogEventJournal, path: Path
) -> None:
    put(stream(backend), "old")
    journal.save()
    backend.delete_log_stream(GROUP, "stream")
    stream(backend).creation_time += 1
    put(stream(backend), "new")
    journal.save()

    restart(backend, path)

    assert messages(stream(backend)) == ["new"]


def test_journal_is_rewritten_without_deleted_streams(
    backend: LogsBackend, journal: LogEventJournal, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(log_events, "COMPACT_BYTES", 0)
    put(stream(backend, "kept"), "kept")
    put(stream(backend), "x" * 10_000)
    journal.save()
    backend.delete_log_stream(GROUP, "stream")
    journal.save()

    assert path.stat().st_size < 10_000
    put(stream(backend, "kept"), "more")
    journal.save()
    restart(backend, path)
    assert messages(stream(backend, "kept")) == ["kept", "more"]


def test_events_that_could_not_be_written_are_written_later(
    backend: LogsBackend, journal: LogEventJournal, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_data: bytes) -> None:
        raise OSError("no space")

    put(stream(backend), "a")
    with monkeypatch.context() as full:
        full.setattr(journal._journal, "_append", fail)
        with pytest.raises(OSError, match="no space"):
            journal.save()
        assert journal.problem == f"no space: {path}"
    journal.save()
    assert not journal.problem

    restart(backend, path)
    assert messages(stream(backend)) == ["a"]
