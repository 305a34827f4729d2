"""rdp dlq: the dead-letter queue."""

from typing import TYPE_CHECKING, Annotated

import typer

from rdp.cli.options import JsonOption, TargetOption, YesOption
from rdp.cli.output import StatusLine, print_json, say
from rdp.cli.session import CommandError, confirm, open_stack
from rdp.target import Part, Target

if TYPE_CHECKING:
    from rdp.stack import DeadLetter, Stack

app = typer.Typer(
    help="Look at the dead-letter queue, and move its messages back once their cause is gone.",
    no_args_is_help=True,
)

_NO_REASON = "no line in the worker's log: its process died, or the log has expired"
# only in the worker's lines about failures
_REASON_FIELD, _RETRY_FIELD = "reason", "retry_seconds"
# A malformed message may have anything in a field, even a whole text.
_LONGEST_SHOWN = 260


@app.command("list")
def list_letters(target: TargetOption = Target.LOCAL, as_json: JsonOption = False) -> None:
    """List the messages, oldest first, with the reason that the worker logged last."""
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
    timeout: Annotated[int, typer.Option(min=1, help="Seconds to wait for the end.")] = 600,
    target: TargetOption = Target.LOCAL,
    as_json: JsonOption = False,
) -> None:
    """Move all messages back to the queue."""
    from rdp.waiting import DeadlineExceededError

    stack = open_stack(target)
    try:
        with StatusLine() as status:
            moved = stack.dead_letters.redrive(
                deadline=timeout,
                progress=lambda done, total: status.show(
                    f"moved {done:,} of about {total:,} messages"
                ),
            )
    except DeadlineExceededError:
        raise CommandError(
            f"the redrive still runs after {timeout} s, and SQS continues it: see `rdp status`"
        ) from None
    if as_json:
        print_json({"moved": moved})
    else:
        say(f"moved {moved} messages")


@app.command()
def purge(
    yes: YesOption = False, target: TargetOption = Target.LOCAL, as_json: JsonOption = False
) -> None:
    """Delete all messages permanently. Asks first."""
    letters = open_stack(target).dead_letters
    count = letters.counts().waiting
    confirm(f"Delete about {count} messages of {letters.url} for good?", yes=yes)
    letters.purge()
    if as_json:
        print_json({"deleted": count})
    else:
        say(f"Deleted about {count} messages; SQS takes up to 60 s")


def _reasons(stack: "Stack", letters: "list[DeadLetter]") -> dict[str, object]:
    """The reason of the last failure, by message id."""
    oldest = min(letter.sent_at for letter in letters).timestamp()
    lines = stack.logs.of(Part.WORKER, since=oldest, phrase=_RETRY_FIELD)
    failures = [
        fields
        for line in sorted(lines, key=lambda line: line.written_at)
        # a tenant's log id may be the phrase, too
        if (fields := line.fields) and _RETRY_FIELD in fields
    ]
    return {str(fields.get("message_id")): fields.get(_REASON_FIELD) for fields in failures}


def _as_json(letter: "DeadLetter", reason: object) -> dict[str, object]:
    return {
        "message_id": letter.message_id,
        "sent_at": letter.sent_at.isoformat(),
        "tenant_id": letter.fields.get("tenant_id"),
        "log_id": letter.fields.get("log_id"),
        "characters": len(letter.body),
        "reason": reason,
    }


def _described(letter: "DeadLetter", reason: object) -> str:
    """Never with the text, because it belongs to the tenant."""
    fields = letter.fields
    if "tenant_id" in fields:
        sender = f"tenant {_shown(fields['tenant_id'])}, log {_shown(fields.get('log_id'))}"
    else:
        sender = f"no tenant: a body of {len(letter.body):,} characters"
    return f"{letter.sent_at:%Y-%m-%d %H:%M:%S}  {letter.message_id}  {sender}\n    {reason}"


def _shown(value: object) -> str:
    text = repr(value)
    return text if len(text) <= _LONGEST_SHOWN else f"{text[:_LONGEST_SHOWN]}..."
