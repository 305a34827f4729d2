"""Hot reloading: functions that run from a folder instead of a package.

In LocalStack such a function has the S3 bucket `hot-reload`, and the folder's absolute path as its
key: https://docs.localstack.cloud/aws/tooling/lambda-tools/hot-reloading/
"""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

Snapshot = frozenset[tuple[str, int, int, int]]


def check(code: Any) -> None:
    """
    :param code: LocalStack's model of a function's code
    :raises FileNotFoundError: the folder is missing
    """
    if code.is_hot_reloading() and not code.get_unzipped_code_location().is_dir():
        raise FileNotFoundError(
            f"there is no folder {code.get_unzipped_code_location()} to hot-reload the function"
            " from: create it, then update the function's code"
        )


def snapshot(code: Any) -> Snapshot | None:
    """The state of the function's files, which changes when a file is saved; None if the function
    runs from a package."""
    if not code.is_hot_reloading():
        return None
    return frozenset(_files(code.get_unzipped_code_location(), set()))


def _files(folder: Path, seen: set[tuple[int, int]]) -> Iterator[tuple[str, int, int, int]]:
    """Path, inode, size and modification time of each file; symbolic links are followed."""
    try:
        entries = [(entry, entry.stat()) for entry in os.scandir(folder) if not _is_ignored(entry)]
    except FileNotFoundError:
        # it is just being replaced: the next snapshot has the new one
        return
    for entry, status in entries:
        if not entry.is_dir():
            yield entry.path, status.st_ino, status.st_size, status.st_mtime_ns
        elif (folder_id := (status.st_dev, status.st_ino)) not in seen:
            seen.add(folder_id)
            yield from _files(Path(entry.path), seen)


def _is_ignored(entry: os.DirEntry[str]) -> bool:
    """Bytecode, and hidden files, which editors and version control write."""
    return entry.name.startswith(".") or entry.name == "__pycache__"
