"""A journal returns what was appended; only its very end may be missing."""

import resource
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from localstack_serverless.persistence import journal
from localstack_serverless.persistence.files import StateRefusedError
from localstack_serverless.persistence.journal import Journal

RECORDS = [b"first", b"", b"third\n" * 5]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """The path of a journal with the records."""
    path = tmp_path / "messages.journal"
    written = Journal(path, RECORDS[:1])
    written.append(RECORDS[1:])
    written.close()
    return path


def test_records_are_read_back_in_order(path: Path) -> None:
    assert [*journal.read(path)] == RECORDS


def test_rewritten_it_holds_the_new_records_alone(path: Path) -> None:
    rewritten = Journal(path, [])
    rewritten.rewrite([b"new"])
    rewritten.append([b"newer"])
    assert [*journal.read(path)] == [b"new", b"newer"]
    assert rewritten.size == path.stat().st_size
    rewritten.close()


def test_last_record_may_be_cut_off_anywhere(path: Path) -> None:
    content = path.read_bytes()
    last = len(RECORDS[-1]) + 12
    for missing in range(1, last + 1):
        path.write_bytes(content[:-missing])
        assert [*journal.read(path)] == RECORDS[:-1], missing


def test_any_changed_byte_of_a_record_is_refused(path: Path) -> None:
    content = path.read_bytes()
    start = content.index(b"\n") + 1
    for position in range(start, len(content)):
        damaged = bytearray(content)
        damaged[position] ^= 0x20
        path.write_bytes(damaged)
        with pytest.raises(StateRefusedError, match=r"messages\.journal is damaged"):
            list(journal.read(path))


def test_appendedwithout_a_header_is_refused(path: Path) -> None:
    path.write_bytes(b"")
    with pytest.raises(StateRefusedError, match="it has no header"):
        list(journal.read(path))


@contextmanager
def file_size_limit(size: int) -> Iterator[None]:
    """The kernel writes no file of this process beyond this size, as on a full disk."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_record_that_the_disk_has_no_room_for_is_left_out_whole(path: Path) -> None:
    appended = Journal(path, RECORDS[:1])
    with (
        file_size_limit(appended.size + 3),
        pytest.raises(OSError, match="No space left"),
    ):
        appended.append([b"second"])
    appended.append([b"third"])
    appended.close()
    assert [*journal.read(path)] == [RECORDS[0], b"third"]
