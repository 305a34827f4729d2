"""From a command line to a stack, and from an error to one line."""

from typing import Any

import requests
import typer
from botocore.exceptions import BotoCoreError, ClientError
from botocore.parsers import ResponseParserError
from typer.core import TyperGroup

from rdp.cli.output import complain
from rdp.deployment import Deployment, DeploymentError, Target
from rdp.stack import Stack, StackError
from rdp.waiting import DeadlineExceededError

FAILED, INTERRUPTED = 1, 130


class CommandError(Exception):
    """What a command refuses or could not do; the message names the command that mends it."""


# What a person can mend ends a command with one line, not with a traceback.
_MENDABLE = (
    *(CommandError, DeploymentError, StackError, DeadlineExceededError),
    *(BotoCoreError, ClientError, ResponseParserError, requests.RequestException),
)


class Commands(TyperGroup):
    """The group at the root: every error of every command ends here."""

    def invoke(self, ctx: Any) -> Any:
        try:
            return super().invoke(ctx)
        except _MENDABLE as error:
            complain(f"rdp: {error}")
            raise typer.Exit(FAILED) from error
        except KeyboardInterrupt:
            complain("rdp: interrupted")
            raise typer.Exit(INTERRUPTED) from None


def open_stack(target: Target) -> Stack:
    return Stack(Deployment.of(target))


def confirm(question: str, *, yes: bool) -> None:
    """:raises CommandError: the answer is no, or there is nobody to ask"""
    if yes:
        return
    try:
        answer = typer.confirm(question, err=True)
    except typer.Abort:
        complain("")
        raise CommandError("nobody to ask, so nothing was changed: add --yes") from None
    if not answer:
        raise CommandError("nothing was changed")
