"""LocalStack's log: a file that each start begins anew, with the one before beside it."""

import os
import time
from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import IO

import click

POLL_SECONDS = 0.2


def new(path: Path) -> IO[bytes]:
    if path.exists():
        path.replace(path.with_name(f"{path.name}.1"))
    return path.open("ab")


def last_lines(path: Path, count: int) -> list[str]:
    with path.open(errors="replace") as file:
        return [*deque(file, count)]


def follow(path: Path, lines: int, while_true: Callable[[], bool]) -> None:
    """Write the last lines, and what comes, also after a new start, for as long as is said."""
    file = path.open(errors="replace")
    try:
        click.echo("".join(deque(file, lines)), nl=False)
        while True:
            goes_on = while_true()
            click.echo(file.read(), nl=False)
            if not goes_on:
                return
            time.sleep(POLL_SECONDS)
            if path.exists() and not os.path.samestat(path.stat(), os.fstat(file.fileno())):
                file.close()
                file = path.open(errors="replace")
    finally:
        file.close()
