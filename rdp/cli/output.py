"""What a command prints: results on standard output, progress and errors on standard error."""

import json
import sys
import time
from typing import Any

from rich.console import Console
from rich.highlighter import JSONHighlighter
from rich.text import Text

_EVERY_SECONDS = 5
# What takes less long needs no progress.
_QUIET_SECONDS = 3


def say(text: str, *, style: str = "") -> None:
    """A line, with its style only on a terminal."""
    _print(Text(printable(text), style=style))


def complain(text: str) -> None:
    sys.stderr.write(f"{text}\n")
    sys.stderr.flush()


def show_json(value: Any) -> None:
    """For people: over several lines, in colour on a terminal."""
    text = printable(json.dumps(value, indent=2, ensure_ascii=False))
    _print(JSONHighlighter()(Text(text)))


def print_json(value: Any) -> None:
    """For programs: one line."""
    sys.stdout.write(printable(json.dumps(value, ensure_ascii=False)) + "\n")
    sys.stdout.flush()


def printable(text: str) -> str:
    """A log's text must not move the cursor: what is not printable is escaped, as JSON does."""
    return "".join(
        character if character.isprintable() or character in "\n\t" else _escaped(character)
        for character in text
    )


def _escaped(character: str) -> str:
    return json.dumps(character)[1:-1] if character != "\x7f" else "\\u007f"


def _print(text: Text) -> None:
    if sys.stdout.isatty():
        Console(highlight=False).print(text, soft_wrap=True)
    else:
        # rich would turn tabs into spaces
        sys.stdout.write(f"{text.plain}\n")
        sys.stdout.flush()


class StatusLine:
    """Progress: on a terminal one line that is overwritten, elsewhere a line every five seconds."""

    def __init__(self) -> None:
        self._is_terminal = sys.stderr.isatty()
        self._began = time.monotonic()
        self._last = self._began + _QUIET_SECONDS - _EVERY_SECONDS

    @property
    def seconds(self) -> float:
        """Since it began."""
        return time.monotonic() - self._began

    def show(self, text: str) -> None:
        now = time.monotonic()
        if self._is_terminal:
            sys.stderr.write(f"\r\033[K{printable(text)}")
        elif now - self._last >= _EVERY_SECONDS:
            sys.stderr.write(f"{printable(text)}\n")
            self._last = now
        sys.stderr.flush()

    def end(self) -> None:
        if self._is_terminal:
            sys.stderr.write("\r\033[K")
        self._last = 0.0

    def __enter__(self) -> "StatusLine":
        return self

    def __exit__(self, *_error: object) -> None:
        self.end()
