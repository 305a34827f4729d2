"""Gives DynamoDB Local's files a write-ahead log, so that writes wait for the disk less often.

DynamoDB Local uses SQLite's default settings, with which a write waits for the disk four times.
With a write-ahead log it waits once. The setting is stored in the file itself
(https://sqlite.org/wal.html), so another process can make it, once.
"""

import contextlib
import sqlite3
from pathlib import Path

# https://sqlite.org/fileformat.html#file_format_version_numbers
_WRITE_VERSION_OFFSET = 18
_WRITE_AHEAD_LOG = b"\x02"

LOCK_SECONDS = 0.1


def use_write_ahead_log(folder: Path) -> None:
    """Skips files that are being written; the next call converts them."""
    for path in folder.glob("*.db"):
        if not _has_write_ahead_log(path):
            with (
                contextlib.suppress(sqlite3.OperationalError),
                contextlib.closing(sqlite3.connect(path, timeout=LOCK_SECONDS)) as database,
            ):
                database.execute("PRAGMA journal_mode = WAL")


def _has_write_ahead_log(path: Path) -> bool:
    with path.open("rb") as file:
        file.seek(_WRITE_VERSION_OFFSET)
        return file.read(1) == _WRITE_AHEAD_LOG
