"""What a command prints to a terminal, and to a file."""

import io
import itertools
import json
import os
import sys

import pytest

from rdp.cli.output import StatusLine, complain, print_json, printable, say, show_json

HOSTILE = "\x1b[2J\x07\x7f\x9b31m\u202eevil\u2028"


def test_text_cannot_steer_a_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    say(HOSTILE)

    assert capsys.readouterr().out == "\\u001b[2J\\u0007\\u007f\\u009b31m\\u202eevil\\u2028\n"


@pytest.mark.parametrize("show", [show_json, print_json])
def test_json_with_hostile_text_is_the_same_json(
    show: object, capsys: pytest.CaptureFixture[str]
) -> None:
    show({"text": HOSTILE})  # type: ignore[operator]

    printed = capsys.readouterr().out
    assert json.loads(printed) == {"text": HOSTILE}
    assert all(character.isprintable() or character == "\n" for character in printed)


def test_long_lines_are_not_broken(capsys: pytest.CaptureFixture[str]) -> None:
    show_json({"text": "x" * 500})

    assert json.loads(capsys.readouterr().out) == {"text": "x" * 500}


def test_letters_of_all_languages_stay() -> None:
    assert printable("Grüße, 世界, Ω\n") == "Grüße, 世界, Ω\n"


def test_progress_is_quiet_at_first(capsys: pytest.CaptureFixture[str]) -> None:
    with StatusLine() as status:
        status.show("working")

    assert capsys.readouterr().err == ""


def test_error_with_hostile_text_cannot_steer_a_terminal(
    capsys: pytest.CaptureFixture[str],
) -> None:
    complain(f"no record {HOSTILE}")

    assert "\x1b" not in capsys.readouterr().err


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True

    def fileno(self) -> int:
        return 2


@pytest.mark.parametrize(("columns", "width"), [(20, 19), (1, 0), (0, 79)])
def test_progress_stays_on_one_line_of_a_terminal(
    monkeypatch: pytest.MonkeyPatch, columns: int, width: int
) -> None:
    """A line that wraps could not be overwritten."""
    monkeypatch.setattr(sys, "stderr", terminal := Terminal())
    monkeypatch.setattr(os, "get_terminal_size", lambda _: os.terminal_size((columns, 24)))

    with StatusLine() as status:
        status.show("x" * 500)

    assert terminal.getvalue() == f"\r\033[K{'x' * width}\r\033[K"


def test_style_and_tabs_on_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdout", terminal := Terminal())
    monkeypatch.setenv("TERM", "xterm")

    say("FAIL", style="bold red")
    show_json({"text": HOSTILE})

    shown = terminal.getvalue()
    assert shown.startswith("\x1b[1;31mFAIL\x1b[0m\n")
    assert "\\u001b[2J" in shown
    assert "\x1b[2J" not in shown


def test_progress_elsewhere_is_a_line_now_and_then(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    now = itertools.count()
    monkeypatch.setattr("time.monotonic", lambda: float(next(now)))

    with StatusLine() as status:
        for number in range(14):
            status.show(f"{number} read")

    assert capsys.readouterr().err == "2 read\n7 read\n12 read\n"
