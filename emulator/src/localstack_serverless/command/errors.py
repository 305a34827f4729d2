"""What a user can mend, with the command that mends it."""

from typing import IO, Any, override

import click

PROGRAM = "localstack-serverless"


class CommandError(click.ClickException):
    """Ends the command with status 1; the message says what is wrong and what to run."""

    @override
    def show(self, file: IO[Any] | None = None) -> None:
        click.echo(f"{PROGRAM}: {self.format_message()}", file=file, err=True)
