"""Writing to a person's terminal, or to a log where there is none."""

import argparse
import sys
import time
from collections.abc import Callable

from botocore.exceptions import BotoCoreError, ClientError

from e2e.deployment import DeploymentError

_EVERY_SECONDS = 5


def run(main: Callable[[], None]) -> None:
    """Run a script's main function; what only the user can mend ends it with one line."""
    try:
        main()
    except (DeploymentError, BotoCoreError, ClientError) as error:
        sys.exit(str(error))
    except (KeyboardInterrupt, BrokenPipeError):
        sys.exit(130)


def say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


class StatusLine:
    """On a terminal one line that is overwritten; elsewhere a line every five seconds."""

    def __init__(self) -> None:
        self._is_terminal = sys.stderr.isatty()
        self._last = 0.0

    def show(self, text: str) -> None:
        now = time.monotonic()
        if self._is_terminal:
            sys.stderr.write(f"\r\033[K{text}")
        elif now - self._last >= _EVERY_SECONDS:
            sys.stderr.write(f"{text}\n")
            self._last = now
        sys.stderr.flush()

    def end(self) -> None:
        if self._is_terminal:
            sys.stderr.write("\r\033[K")
        self._last = 0.0


def whole_number(minimum: int) -> "type[int]":
    """For argparse's `type`: a whole number of at least `minimum`."""

    def parse(text: str) -> int:
        if not text.isdecimal() or int(text) < minimum:
            raise argparse.ArgumentTypeError(f"{text!r} is no whole number of at least {minimum}")
        return int(text)

    return parse  # type: ignore[return-value]
