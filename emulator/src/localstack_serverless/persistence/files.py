"""The files of kept state: a line that says what wrote them, then their content."""

import hashlib
import json
import os
import sys
from importlib.metadata import version
from pathlib import Path
from typing import Any

from localstack import constants

FORMAT = 1


class StateRefusedError(Exception):
    """Kept state cannot be used: another version wrote it, or it is damaged."""


def writer() -> dict[str, Any]:
    """The versions that must be the same for state to be read again."""
    return {
        "format": FORMAT,
        "localstack-serverless": version("localstack-serverless"),
        "localstack": constants.VERSION,
        "python": f"{sys.version_info.major}.{sys.version_info.minor}",
    }


def header(**more: Any) -> bytes:
    return json.dumps(writer() | more).encode() + b"\n"


def check_header(path: Path, line: bytes) -> dict[str, Any]:
    """Return the header's content.

    :raises StateRefusedError: it is none, or that of another version
    """
    try:
        found = json.loads(line)
        differing = [name for name, value in writer().items() if found[name] != value]
    except (ValueError, KeyError, TypeError):
        raise StateRefusedError(f"{path.name} is damaged: it has no header") from None
    for name in differing:
        raise StateRefusedError(
            f"{path.name} is from {name} {found[name]}, this is {writer()[name]}"
        )
    return dict(found)


def write(path: Path, payload: bytes) -> None:
    """Write the whole file or, where that is interrupted, nothing of it."""
    temporary = path.with_suffix(".new")
    with temporary.open("wb") as file:
        file.write(header(sha256=hashlib.sha256(payload).hexdigest()))
        file.write(payload)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)


def read(path: Path) -> bytes:
    """:raises StateRefusedError: another version wrote it, or it is damaged"""
    line, _, payload = path.read_bytes().partition(b"\n")
    if check_header(path, line).get("sha256") != hashlib.sha256(payload).hexdigest():
        raise StateRefusedError(f"{path.name} is damaged: its checksum differs")
    return payload
