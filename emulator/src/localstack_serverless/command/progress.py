"""What takes time shows that it goes on."""

import contextlib
import os
import signal
import subprocess
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

import click

from .errors import CommandError

POLL_SECONDS = 0.1
EVERY_SECONDS = 4


class Progress:
    """Writes a line every few seconds of waiting."""

    def __init__(self, what: str) -> None:
        self._what = what
        self._began = time.monotonic()
        self._next = EVERY_SECONDS

    @property
    def seconds(self) -> float:
        return time.monotonic() - self._began

    def wait(self) -> None:
        """Wait for a moment."""
        time.sleep(POLL_SECONDS)
        if self.seconds >= self._next:
            self._next += EVERY_SECONDS
            click.echo(f"  {self._what} ... {self.seconds:.0f} s")

    def done(self) -> None:
        click.echo(f"ok {self._what} ({self.seconds:.0f} s)")


def run(
    what: str, command: Sequence[str | Path], *, cwd: Path, env: Mapping[str, str] | None = None
) -> None:
    """Run a program that may take long.

    It ends with this command, however that ends.

    :raises CommandError: the program failed; its output is in the message
    """
    click.echo(f"  {what} ...")
    progress = Progress(what)
    with tempfile.TemporaryFile() as output:
        with subprocess.Popen(  # noqa: S603 - a program of this package's choice
            command,
            cwd=cwd,
            env=env,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            process_group=0,
        ) as process:
            try:
                while process.poll() is None:
                    progress.wait()
            except BaseException:
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGKILL)
                raise
        output.seek(0)
        text = output.read().decode(errors="replace")
    if process.returncode:
        raise CommandError(f"{what} failed with exit status {process.returncode}:\n{text.rstrip()}")
    progress.done()
