"""What a command prints: results on standard output, progress and errors on standard error."""

import json
import os
import sys
import time
from typing import Any

_EVERY_SECONDS = 5
# Shorter work shows no progress.
_QUIET_SECONDS = 3


def say(text: str, *, style: str = "") -> None:
    """A line, styled only on a terminal."""
    _print(printable(text), style=style)


def complain(text: str) -> None:
    sys.stderr.write(f"{printable(text)}\n")
    sys.stderr.flush()


def show_json(value: Any) -> None:
    """For people: over several lines, coloured on a terminal."""
    _print(printable(json.dumps(value, indent=2, ensure_ascii=False)), is_json=True)


def print_json(value: Any) -> None:
    """For programs: one line."""
    _write(printable(json.dumps(value, ensure_ascii=False)))


def printable(text: str) -> str:
    """Escape what is not printable, as JSON does: a log's text must not control the terminal."""
    if text.isprintable():
        return text
    return "".join(
        character if character.isprintable() or character in "\n\t" else _escaped(character)
        for character in text
    )


def _escaped(character: str) -> str:
    return json.dumps(character)[1:-1] if character != "\x7f" else "\\u007f"


def _print(text: str, *, style: str = "", is_json: bool = False) -> None:
    if not sys.stdout.isatty():
        # rich would turn tabs into spaces
        _write(text)
        return
    # slow to import, and only a terminal needs it
    from rich.console import Console
    from rich.highlighter import JSONHighlighter
    from rich.text import Text

    line = Text(text, style=style)
    if is_json:
        JSONHighlighter().highlight(line)
    Console(highlight=False).print(line, soft_wrap=True)


def _write(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


class StatusLine:
    """Progress: one line that is overwritten on a terminal, else a line every five seconds."""

    def __init__(self) -> None:
        self._is_terminal = sys.stderr.isatty()
        self._began = time.monotonic()
        self._last = self._began + _QUIET_SECONDS - _EVERY_SECONDS

    @property
    def seconds(self) -> float:
        """Seconds since the start."""
        return time.monotonic() - self._began

    def show(self, text: str) -> None:
        now = time.monotonic()
        if self._is_terminal:
            # a line that wraps could not be overwritten
            sys.stderr.write(f"\r\033[K{printable(text)[: _columns() - 1]}")
        elif now - self._last >= _EVERY_SECONDS:
            sys.stderr.write(f"{printable(text)}\n")
            self._last = now
        sys.stderr.flush()

    def end(self) -> None:
        if self._is_terminal:
            sys.stderr.write("\r\033[K")
            sys.stderr.flush()
        self._last = 0.0

    def __enter__(self) -> "StatusLine":
        return self

    def __exit__(self, *_error: object) -> None:
        self.end()


def _columns() -> int:
    """A terminal that does not know its width says 0."""
    return os.get_terminal_size(sys.stderr.fileno()).columns or 80
