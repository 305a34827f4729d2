"""Hot reloading: functions that run from a folder instead of a package.

LocalStack takes the S3 bucket `hot-reload` and the folder's absolute path as the key for such a
function: https://docs.localstack.cloud/aws/tooling/lambda-tools/hot-reloading/
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
    """The state of the function's files, which differs once one of them was saved; None where the
    function runs from a package."""
    if not code.is_hot_reloading():
        return None
    return frozenset(_files(code.get_unzipped_code_location(), set()))


def _files(folder: Path, seen: set[tuple[int, int]]) -> Iterator[tuple[str, int, int, int]]:
    """Path, inode, size and modification time of each file; symbolic links are followed."""
    try:
        entries = [(entry, entry.stat()) for entry in os.scandir(folder) if not _is_ignored(entry)]
    except FileNotFoundError:
        # just being replaced: the next look sees what became of it
        return
    for entry, status in entries:
        if not entry.is_dir():
            yield entry.path, status.st_ino, status.st_size, status.st_mtime_ns
        elif (folder_id := (status.st_dev, status.st_ino)) not in seen:
            seen.add(folder_id)
            yield from _files(Path(entry.path), seen)


def _is_ignored(entry: os.DirEntry[str]) -> bool:
    """Bytecode, and what editors and version control leave in hidden files."""
    return entry.name.startswith(".") or entry.name == "__pycache__"
