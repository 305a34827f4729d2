"""A file to which records are appended.

A record consists of its length, the length's checksum, the content and the content's checksum. So a
record that was cut off when the process ended can be distinguished from a damaged one.
"""

import errno
import os
import struct
import zlib
from collections.abc import Iterable, Iterator
from io import FileIO
from pathlib import Path

from .files import StateRefusedError, check_header, describe, header, replacing

_HEAD = struct.Struct("<II")
_CHECKSUM = struct.Struct("<I")


class Journal:
    """Appended records survive the end of the process. The kernel writes them to the disk."""

    def __init__(self, path: Path, records: Iterable[bytes]) -> None:
        """Start a journal with these records; it replaces an existing one."""
        self._path = path
        self._problem: str | None = None
        self._file = self._written(records)

    @property
    def size(self) -> int:
        return self._size

    @property
    def problem(self) -> str | None:
        """Why the last records could not be appended; None where they were."""
        return self._problem

    def append(self, records: Iterable[bytes]) -> None:
        """Append all of the records.

        :raises OSError: the disk is full; none of the records is appended
        """
        try:
            self._append(b"".join(map(_frame, records)))
        except OSError as error:
            self._problem = describe(error, self._path)
            raise
        self._problem = None

    def _append(self, data: bytes) -> None:
        if self._file.write(data) != len(data):
            self._file.truncate(self._size)
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(self._path))
        self._size += len(data)

    def rewrite(self, records: Iterable[bytes]) -> None:
        """Replace the content of the journal by these records."""
        old = self._file
        self._file = self._written(records)
        old.close()

    def close(self) -> None:
        self._file.close()

    def _written(self, records: Iterable[bytes]) -> FileIO:
        with replacing(self._path) as file:
            file.write(header())
            file.writelines(map(_frame, records))
        self._size = self._path.stat().st_size
        return self._path.open("ab", buffering=0)


def read(path: Path) -> Iterator[bytes]:
    """The records, without an incompletely written one at the end.

    :raises StateRefusedError: another version wrote the journal, or it is damaged
    """
    with path.open("rb") as file:
        check_header(path, file.readline())
        while len(head := file.read(_HEAD.size)) == _HEAD.size:
            length, checksum = _HEAD.unpack(head)
            if zlib.crc32(head[:4]) != checksum:
                raise StateRefusedError(f"{path.name} is damaged at byte {file.tell() - len(head)}")
            content, tail = file.read(length), file.read(_CHECKSUM.size)
            if len(tail) < _CHECKSUM.size:
                return
            if zlib.crc32(content) != _CHECKSUM.unpack(tail)[0]:
                raise StateRefusedError(f"{path.name} is damaged before byte {file.tell()}")
            yield content


def _frame(content: bytes) -> bytes:
    length = struct.pack("<I", len(content))
    head = length + _CHECKSUM.pack(zlib.crc32(length))
    return head + content + _CHECKSUM.pack(zlib.crc32(content))
