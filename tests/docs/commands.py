"""Whether a program made with click knows a command and its options. Nothing is executed.

Usage: python commands.py MODULE:ATTRIBUTE <COMMANDS

Takes and prints a JSON list: of commands, without the program's name, and of what is wrong with
each. `localstack-serverless` has its own environment, which runs this file as a script.
"""

import importlib
import json
import re
import shlex
import sys
from collections.abc import Iterator
from typing import Any

import click

_PLACEHOLDERS = ("...", "…")
# An argument ends before what belongs to the shell, to a comment or to prose.
_WORD = r"""(?:'[^']*'|"[^"]*"|[^\s|&;()<>"'#`\\])+"""


def mentioned(program: str, code: str) -> Iterator[str]:
    """The arguments of each call of the program in shell code."""
    # Not in a path, a file's name or a key, such as rdp/cli, rdp.sh or rdp = 1.
    call = rf"(?<![\w./=-])(?:\.venv/bin/)?{program}(?![\w./-]| =)((?:[ \t]+{_WORD})*)"
    return (match[1].strip() for match in re.finditer(call, code.replace("\\\n", " ")))


def problem(command: click.Command, arguments: str) -> str:
    """What click would refuse, apart from values; "" where that is nothing."""
    words = [word.strip("[]") for word in shlex.split(arguments) if word not in _PLACEHOLDERS]
    return _problem(command, words)


def _problem(command: click.Command, words: list[str]) -> str:
    try:
        _, rest, _ = command.make_parser(click.Context(command)).parse_args(words)
    except click.UsageError as error:
        return error.format_message()
    if not rest:
        return ""
    if not isinstance(command, click.Group):
        return f"{rest[0]!r} is one argument too many"
    name, *others = rest
    subcommand = command.commands.get(name)
    return _problem(subcommand, others) if subcommand else f"there is no command {name!r}"


def _main() -> None:
    module, _, attribute = sys.argv[1].partition(":")
    program: Any = getattr(importlib.import_module(module), attribute)
    problems = [problem(program, arguments) for arguments in json.load(sys.stdin)]
    json.dump(problems, sys.stdout)


if __name__ == "__main__":
    _main()
