"""Locks between processes of this checkout: parallel tests, and the scripts that a person runs."""

import contextlib
import fcntl
from collections.abc import Iterator

from e2e.deployment import ROOT

_FOLDER = ROOT / ".local" / "locks"


@contextlib.contextmanager
def process_lock(name: str, *, shared: bool = False) -> Iterator[None]:
    """Held until the end, and by the system no longer than this process lives."""
    _FOLDER.mkdir(parents=True, exist_ok=True)
    with (_FOLDER / name).open("w") as file:
        fcntl.flock(file, fcntl.LOCK_SH if shared else fcntl.LOCK_EX)
        yield
