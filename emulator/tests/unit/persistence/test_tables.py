"""Database files get a write-ahead log, for every connection to them."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from localstack_serverless.persistence.tables import use_write_ahead_log


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "account_region.db"
    with closing(sqlite3.connect(path)) as database, database:
        database.execute("CREATE TABLE items (id)")
    return path


def journal_mode(database: sqlite3.Connection) -> str:
    return str(database.execute("PRAGMA journal_mode").fetchone()[0])


def test_open_connection_goes_over_to_the_log(path: Path) -> None:
    with closing(sqlite3.connect(path)) as database:
        assert database.execute("SELECT * FROM items").fetchall() == []
        use_write_ahead_log(path.parent)
        with database:
            database.execute("INSERT INTO items VALUES (1)")
        assert journal_mode(database) == "wal"


def test_file_that_is_being_written_is_left_for_the_next_call(path: Path) -> None:
    with closing(sqlite3.connect(path, isolation_level=None)) as database:
        database.execute("BEGIN EXCLUSIVE")
        use_write_ahead_log(path.parent)
        assert journal_mode(database) == "delete"
        database.execute("COMMIT")
        use_write_ahead_log(path.parent)
        database.execute("SELECT * FROM items").fetchall()
        assert journal_mode(database) == "wal"
