"""Options that several commands have."""

import re
import shlex
from typing import Annotated

import typer

from rdp.target import Target

_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}

TargetOption = Annotated[Target, typer.Option("--target", envvar="TARGET", help="Which stack.")]
JsonOption = Annotated[
    bool, typer.Option("--json", help="For programs: JSON, one object a line.", show_default=False)
]
YesOption = Annotated[bool, typer.Option("--yes", help="Do not ask.", show_default=False)]


def duration(text: str) -> int:
    """Seconds."""
    match = re.fullmatch(r"(\d{1,6})([smhd])", text)
    if not match:
        raise typer.BadParameter(f"{text!r} is not a duration: write 90s, 10m, 2h or 1d")
    return int(match[1]) * _UNITS[match[2]]


def command_line(*words: str) -> str:
    """A command for messages, quoted so that it can be pasted into a shell."""
    return f"`{shlex.join(words)}`"
