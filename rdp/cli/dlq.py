"""rdp dlq: the dead-letter queue."""

from collections import Counter
from typing import TYPE_CHECKING, Annotated

import typer

from rdp.cli.options import JsonOption, TargetOption, YesOption
from rdp.cli.output import StatusLine, complain, print_json, say
from rdp.cli.session import CommandError, confirm, open_stack
from rdp.target import Target

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rdp.stack import DeadLetter, Failure, Failures, Kind, Stack

app = typer.Typer(
    help="Look at the dead-letter queue, and move its messages back once their cause is gone.",
    no_args_is_help=True,
)

_NO_REASON = "no line in the worker's log: its process died, or the log has expired"
# A malformed message may have anything in a field, even a whole text.
_LONGEST_SHOWN = 260
_DEFAULT_TIMEOUT = 600
_ANOTHER_READS = "another command reads the dead-letter queue: waiting for its end"


@app.command("list")
def list_letters(
    transient: Annotated[
        bool,
        typer.Option(
            "--transient",
            help="Only those that `redrive --transient` would move.",
            show_default=False,
        ),
    ] = False,
    target: TargetOption = Target.LOCAL,
    as_json: JsonOption = False,
) -> None:
    """List the messages, oldest first, with the kind and reason of their last failure.

    transient: another attempt may succeed. permanent: no attempt can. unknown: the last attempt
    left no line in the worker's log.
    """
    from rdp.stack import Kind

    stack = open_stack(target)
    with StatusLine() as status:
        letters = stack.dead_letters.all(
            lambda count: status.show(f"{count:,} messages received"),
            lambda: status.show(_ANOTHER_READS),
        )
        letters.sort(key=lambda letter: letter.sent_at)
        failures = _failures(stack, status)
        found = [(letter, _failure(failures, letter)) for letter in letters]
    kinds = Counter(failure.kind for _, failure in found)
    for letter, failure in found:
        if transient and failure.kind is not Kind.TRANSIENT:
            continue
        if as_json:
            print_json(_as_json(letter, failure))
        else:
            say(_described(letter, failure))
    if not as_json:
        say(_summary(kinds) if letters else "The dead-letter queue is empty")


@app.command()
def redrive(
    transient: Annotated[
        bool,
        typer.Option(
            "--transient",
            help="Only messages whose last failure was transient.",
            show_default=False,
        ),
    ] = False,
    rate: Annotated[
        int | None,
        typer.Option(min=1, max=500, help="The most messages a second.", show_default=False),
    ] = None,
    timeout: Annotated[
        int | None,
        typer.Option(
            min=1,
            help=f"Seconds to wait for SQS's redrive of all. [default: {_DEFAULT_TIMEOUT}]",
            show_default=False,
        ),
    ] = None,
    target: TargetOption = Target.LOCAL,
    as_json: JsonOption = False,
) -> None:
    """Move messages back to the queues that they came from: all, or those that may succeed now.

    SQS moves all of them; rdp itself moves the transient ones. Ctrl-C ends both: what was not
    moved yet stays in the dead-letter queue.
    """
    if transient and timeout is not None:
        raise CommandError(
            "--timeout is for SQS's own redrive: leave it out with --transient, which ends with"
            " this command (Ctrl-C ends it early)"
        )
    stack = open_stack(target)
    if transient:
        _redrive_transient(stack, rate, as_json=as_json)
    else:
        _redrive_all(stack, rate, timeout or _DEFAULT_TIMEOUT, as_json=as_json)


def _redrive_all(stack: "Stack", rate: int | None, timeout: int, *, as_json: bool) -> None:
    from rdp.waiting import DeadlineExceededError

    try:
        with StatusLine() as status:
            moved = stack.dead_letters.redrive(
                deadline=timeout,
                rate=rate,
                progress=lambda done, total: status.show(
                    f"moved {done:,} of about {total:,} messages"
                ),
            )
    except DeadlineExceededError:
        raise CommandError(
            f"the redrive still runs after {timeout} s, and SQS continues it: see `rdp status`"
        ) from None
    except KeyboardInterrupt:
        complain("SQS ends the redrive: what it has not moved yet stays in the dead-letter queue")
        raise
    if as_json:
        print_json({"moved": moved})
    else:
        say(f"moved {moved} messages")


def _redrive_transient(stack: "Stack", rate: int | None, *, as_json: bool) -> None:
    from rdp.stack import Kind

    # by message id, because a message may be received twice
    kinds: dict[str, Kind] = {}
    moved = 0
    with StatusLine() as status:
        failures = _failures(stack, status)

        def is_transient(letter: "DeadLetter") -> bool:
            kinds[letter.message_id] = _failure(failures, letter).kind
            return kinds[letter.message_id] is Kind.TRANSIENT

        def progress(done: int, seen: int) -> None:
            nonlocal moved
            moved = done
            status.show(f"moved {done:,} of {seen:,} messages looked at")

        try:
            stack.dead_letters.redrive_chosen(
                is_transient,
                rate=rate,
                progress=progress,
                waiting=lambda: status.show(_ANOTHER_READS),
            )
        except BaseException:
            status.end()
            complain(f"moved {moved:,} messages; the others are still in the dead-letter queue")
            raise
    left = Counter(kinds.values())
    del left[Kind.TRANSIENT]
    if as_json:
        print_json({"moved": moved, "left": left})
    else:
        say(f"moved {moved} messages" + (f"; left {_counted(left)}" if left else ""))


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


def _failures(stack: "Stack", status: StatusLine) -> "Failures":
    from rdp.stack import Failures

    return Failures(stack.logs, lambda lines: status.show(f"{lines:,} lines of the worker read"))


def _failure(failures: "Failures", letter: "DeadLetter") -> "Failure":
    return failures.of(letter.message_id, sent_at=letter.sent_at.timestamp())


def _summary(kinds: "Mapping[Kind, int]") -> str:
    count = sum(kinds.values())
    return f"{count} messages: {_counted(kinds)}; once the cause is gone: rdp dlq redrive" + (
        " [--transient]" if len(kinds) > 1 and "transient" in kinds else ""
    )


def _counted(kinds: "Mapping[Kind, int]") -> str:
    """For example "3 transient, 1 unknown"."""
    return ", ".join(f"{count:,} {kind}" for kind, count in sorted(kinds.items()))


def _as_json(letter: "DeadLetter", failure: "Failure") -> dict[str, object]:
    return {
        "message_id": letter.message_id,
        "sent_at": letter.sent_at.isoformat(),
        "queue": letter.source,
        "tenant_id": letter.fields.get("tenant_id"),
        "log_id": letter.fields.get("log_id"),
        "characters": len(letter.body),
        "kind": failure.kind,
        "reason": failure.reason or _NO_REASON,
    }


def _described(letter: "DeadLetter", failure: "Failure") -> str:
    """Never with the text, because it belongs to the tenant."""
    fields = letter.fields
    if "tenant_id" in fields:
        sender = f"tenant {_shown(fields['tenant_id'])}, log {_shown(fields.get('log_id'))}"
    else:
        sender = f"no tenant: a body of {len(letter.body):,} characters"
    origin = f"from {letter.source}" if letter.source else "sent to the DLQ directly"
    return (
        f"{letter.sent_at:%Y-%m-%d %H:%M:%S}  {letter.message_id}  {sender}, {origin}\n"
        f"    {failure.kind}: {failure.reason or _NO_REASON}"
    )


def _shown(value: object) -> str:
    text = repr(value)
    return text if len(text) <= _LONGEST_SHOWN else f"{text[:_LONGEST_SHOWN]}..."
