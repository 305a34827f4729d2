"""rdp dlq: the dead-letter queue."""

from typing import Annotated

import typer

from rdp.cli.options import JsonOption, TargetOption, YesOption
from rdp.cli.output import StatusLine, print_json, say
from rdp.cli.session import confirm, open_stack
from rdp.deployment import Target
from rdp.stack import DeadLetter, Part, Stack

app = typer.Typer(
    help="Look at the dead-letter queue, and move its messages back once their cause is gone.",
    no_args_is_help=True,
)

_NO_REASON = "no line in the worker's log: its process died, or the log has expired"


@app.command("list")
def list_letters(target: TargetOption = Target.LOCAL, as_json: JsonOption = False) -> None:
    """Each message, oldest first, with the reason that the worker logged last."""
    stack = open_stack(target)
    with StatusLine() as status:
        letters = stack.dead_letters.all(lambda count: status.show(f"{count:,} messages received"))
    letters.sort(key=lambda letter: letter.sent_at)
    reasons = _reasons(stack, letters) if letters else {}
    for letter in letters:
        reason = reasons.get(letter.message_id, _NO_REASON)
        if as_json:
            print_json(_as_json(letter, reason))
        else:
            say(_described(letter, reason))
    if not as_json:
        say(
            f"{len(letters)} messages; once the cause is gone: rdp dlq redrive"
            if letters
            else "The dead-letter queue is empty"
        )


@app.command()
def redrive(
    timeout: Annotated[int, typer.Option(min=1, help="Seconds to wait for its end.")] = 600,
    target: TargetOption = Target.LOCAL,
    as_json: JsonOption = False,
) -> None:
    """Move all messages back to the queue."""
    stack = open_stack(target)
    with StatusLine() as status:
        moved = stack.dead_letters.redrive(
            deadline=timeout,
            progress=lambda done, total: status.show(f"moved {done:,} of about {total:,} messages"),
        )
    if as_json:
        print_json({"moved": moved})
    else:
        say(f"moved {moved} messages")


@app.command()
def purge(
    yes: YesOption = False, target: TargetOption = Target.LOCAL, as_json: JsonOption = False
) -> None:
    """Delete all messages for good, after a question."""
    letters = open_stack(target).dead_letters
    count = letters.counts().waiting
    confirm(f"Delete about {count} messages of {letters.url} for good?", yes=yes)
    letters.purge()
    if as_json:
        print_json({"deleted": count})
    else:
        say(f"Deleted about {count} messages; SQS takes up to 60 s")


def _reasons(stack: Stack, letters: list[DeadLetter]) -> dict[object, object]:
    """By message id, the reason of the last failure."""
    oldest = min(letter.sent_at for letter in letters).timestamp()
    lines = stack.logs.of(Part.WORKER, since=oldest, phrase="retry_seconds")
    return {fields["message_id"]: fields["reason"] for line in lines if (fields := line.fields)}


def _as_json(letter: DeadLetter, reason: object) -> dict[str, object]:
    return {
        "message_id": letter.message_id,
        "sent_at": letter.sent_at.isoformat(),
        "tenant_id": letter.fields.get("tenant_id"),
        "log_id": letter.fields.get("log_id"),
        "characters": len(letter.body),
        "reason": reason,
    }


def _described(letter: DeadLetter, reason: object) -> str:
    """Never the text: it is the tenant's."""
    fields = letter.fields
    if "tenant_id" in fields:
        whose = f"tenant {fields['tenant_id']!r}, log {fields.get('log_id')!r}"
    else:
        whose = f"no tenant: a body of {len(letter.body):,} characters"
    return f"{letter.sent_at:%Y-%m-%d %H:%M:%S}  {letter.message_id}  {whose}\n    {reason}"
