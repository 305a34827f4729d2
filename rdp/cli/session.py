"""From a command line to a stack, and from an error to one line."""

from __future__ import annotations

import errno
import sys
from typing import TYPE_CHECKING, Any

import typer
from typer.core import TyperGroup

from rdp.cli.output import complain
from rdp.target import Target

if TYPE_CHECKING:
    from rdp.stack import Stack

FAILED, UNKNOWN, INTERRUPTED = 1, 3, 130


class CommandError(Exception):
    """What a command refuses or could not do; the message names the command that helps."""


class Commands(TyperGroup):
    """The group at the root. Every error of every command ends here.

    An error that a user can do something about ends the command with one line, without a traceback.
    """

    def invoke(self, ctx: Any) -> Any:
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt:
            complain("rdp: interrupted")
            raise typer.Exit(INTERRUPTED) from None
        except Exception as error:
            if not isinstance(error, _expected_errors()) or _is_closed_pipe(error):
                raise
            complain(f"rdp: {error}")
            raise typer.Exit(FAILED) from error


def _expected_errors() -> tuple[type[Exception], ...]:
    import subprocess

    from rdp.deployment import DeploymentError
    from rdp.stack.errors import CALL_ERRORS, StackError
    from rdp.waiting import DeadlineExceededError

    ours = (CommandError, DeploymentError, StackError, DeadlineExceededError)
    # OSError: a file that cannot be read or written, a full disk
    return (*ours, *CALL_ERRORS, OSError, subprocess.CalledProcessError)


def _is_closed_pipe(error: Exception) -> bool:
    """Click ends the program quietly, as in `rdp logs | head`."""
    return isinstance(error, OSError) and error.errno == errno.EPIPE


def open_stack(target: Target) -> Stack:
    from rdp.deployment import Deployment
    from rdp.stack import Stack

    return Stack(Deployment.of(target))


def confirm(question: str, *, yes: bool) -> None:
    """:raises CommandError: the answer is no, or nobody can answer"""
    if yes:
        return
    sys.stderr.write(f"{question} [y/N]: ")
    sys.stderr.flush()
    answer = sys.stdin.readline()
    if not answer:
        complain("")
        raise CommandError("nobody to ask, so nothing was changed: add --yes")
    if answer.strip().lower() not in {"y", "yes"}:
        raise CommandError("nothing was changed")
