"""Files of kept state are refused if another version wrote them or if they are damaged."""

from pathlib import Path

import pytest

from localstack_serverless.persistence import files
from localstack_serverless.persistence.files import StateRefusedError


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "sqs.snapshot"
    files.write(path, b"line\nline")
    return path


def test_content_is_read_back(path: Path) -> None:
    assert files.read(path) == b"line\nline"


def test_written_again_it_is_replaced(path: Path) -> None:
    files.write(path, b"")
    assert files.read(path) == b""
    assert [*path.parent.iterdir()] == [path]


@pytest.mark.parametrize("damage", [b"lime\nline", b"line\nlin", b"line\nlines", b""])
def test_other_content_is_refused(path: Path, damage: bytes) -> None:
    path.write_bytes(path.read_bytes().replace(b"line\nline", damage))
    with pytest.raises(StateRefusedError, match=r"sqs\.snapshot is damaged: its checksum differs"):
        files.read(path)


@pytest.mark.parametrize("content", [b"", b"\0" * 100, b"[]\n", b'"text"\n', b"{}\n"])
def test_file_without_a_header_is_refused(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    with pytest.raises(StateRefusedError, match="it has no header"):
        files.read(path)


def test_other_version_is_refused_by_name(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    versions = files.writer() | {"localstack": "4.15.0"}
    monkeypatch.setattr(files, "writer", lambda: versions)
    message = r"sqs\.snapshot is from localstack 4\.14\.0, this is 4\.15\.0"
    with pytest.raises(StateRefusedError, match=message):
        files.read(path)
