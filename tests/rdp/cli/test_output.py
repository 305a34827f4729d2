"""What a command prints to a terminal, and to a file."""

import json

import pytest

from rdp.cli.output import StatusLine, print_json, printable, say, show_json

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
