"""The files of kept state: a header line with the versions of their format, then the content."""

import contextlib
import hashlib
import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

from localstack import constants

# What the content means to this package: which containers a snapshot holds, what pickling leaves
# out of queues and log streams, and what a record of a journal is. A change of any of these needs a
# new number, and tests/unit/persistence/test_format.py notices it. LocalStack's own classes and
# Python's pickles change with their versions, which are in the header too.
FORMAT = 2
# in format 1, log events are in the snapshot
READABLE_FORMATS = (1, 2)

# as much as a message takes that is not long
PROBE_BYTES = 4096


class StateRefusedError(Exception):
    """Kept state cannot be used: it has another format, or it is damaged."""


def writer() -> dict[str, Any]:
    """The versions that must be the same for state to be read again."""
    return {
        "format": FORMAT,
        "localstack": constants.VERSION,
        "python": f"{sys.version_info.major}.{sys.version_info.minor}",
    }


def header(**more: Any) -> bytes:
    return json.dumps(writer() | more).encode() + b"\n"


def check_header(path: Path, line: bytes) -> dict[str, Any]:
    """Return the header's content.

    :raises StateRefusedError: it is not a header, or one of other versions
    """
    try:
        found = json.loads(line)
        readable: dict[str, tuple[Any, ...]] = {name: (value,) for name, value in writer().items()}
        readable["format"] = READABLE_FORMATS
        differing = [name for name, values in readable.items() if found[name] not in values]
    except (ValueError, KeyError, TypeError):
        raise StateRefusedError(f"{path.name} is damaged: it has no header") from None
    for name in differing:
        raise StateRefusedError(
            f"{path.name} is from {name} {found[name]}, this is {writer()[name]}"
        )
    return dict(found)


def write(path: Path, payload: bytes) -> None:
    """Write the whole file or, where that is interrupted, nothing of it."""
    with replacing(path) as file:
        file.write(header(sha256=hashlib.sha256(payload).hexdigest()))
        file.write(payload)
        file.flush()
        os.fsync(file.fileno())


@contextlib.contextmanager
def replacing(path: Path) -> Iterator[BinaryIO]:
    """A new file that takes the place of this one at the end of the block; after an error the old
    one stays, and the new one does not take up space on a disk that may be full."""
    temporary = path.with_suffix(".new")
    try:
        with temporary.open("wb") as file:
            yield file
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def why_not_writable(folder: Path) -> str | None:
    """What keeps a small file from reaching the disk, such as a full one; None where it does."""
    probe = folder / "probe"
    try:
        with probe.open("wb") as file:
            file.write(b"x" * PROBE_BYTES)
            file.flush()
            os.fsync(file.fileno())
        probe.unlink()
    except OSError as error:
        with contextlib.suppress(OSError):
            probe.unlink(missing_ok=True)
        return describe(error, folder)
    return None


def describe(error: OSError, path: Path) -> str:
    """Such as `No space left on device: /var/lib/localstack/state`."""
    return f"{error.strerror or error}: {error.filename or path}"


def read(path: Path) -> bytes:
    """:raises StateRefusedError: it has another format, or it is damaged"""
    line, _, payload = path.read_bytes().partition(b"\n")
    if check_header(path, line).get("sha256") != hashlib.sha256(payload).hexdigest():
        raise StateRefusedError(f"{path.name} is damaged: its checksum differs")
    return payload
