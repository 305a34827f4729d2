"""rdp send: one log to the API, and the record that comes of it."""

import sys
from dataclasses import asdict
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from rdp.cli.options import JsonOption, TargetOption, command_line
from rdp.cli.output import StatusLine, print_json, say, show_json
from rdp.cli.session import FAILED, CommandError, open_stack
from rdp.target import Target
from rdp.waiting import DeadlineExceededError, wait_for

if TYPE_CHECKING:
    import requests

    from rdp.stack import Record, Stack

_ACCEPTED = 202


class Format(StrEnum):
    JSON = "json"
    TEXT = "text"


def send(
    tenant: Annotated[str, typer.Option(help="tenant_id, or the header X-Tenant-ID.")] = "acme",
    log_id: Annotated[
        str | None, typer.Option(help="log_id, or the header X-Log-ID; the API makes one.")
    ] = None,
    text: Annotated[
        str | None, typer.Option(help="The text.", show_default="read from standard input")
    ] = None,
    body_format: Annotated[
        Format, typer.Option("--format", help="application/json or text/plain.")
    ] = Format.JSON,
    wait: Annotated[
        bool, typer.Option("--wait", help="Wait for the record, and print it.")
    ] = False,
    timeout: Annotated[int, typer.Option(min=1, help="Seconds that --wait waits.")] = 120,
    target: TargetOption = Target.LOCAL,
    as_json: JsonOption = False,
) -> None:
    """Send one log and print the answer."""
    stack = open_stack(target)
    answer = _post(stack, body_format, tenant, log_id, _text_to_send(text))
    fields = _fields(answer)
    if not as_json:
        say(f"HTTP {answer.status_code}")
        show_json(fields)
    is_accepted = answer.status_code == _ACCEPTED
    record = _wait_for_record(stack, tenant, fields, timeout) if wait and is_accepted else None
    if as_json:
        print_json(
            {"status": answer.status_code, "answer": fields, "record": record and asdict(record)}
        )
    elif record:
        say("Stored:")
        show_json(asdict(record))
    if not is_accepted:
        raise typer.Exit(FAILED)
    if wait and record is None:
        raise CommandError(_not_stored(fields, timeout))


def _text_to_send(text: str | None) -> bytes:
    """The text byte by byte: if it is not UTF-8, the API refuses it."""
    if text is not None:
        return text.encode(errors="surrogateescape")
    if sys.stdin.isatty():
        sys.stderr.write("Type the text, then Ctrl-D:\n")
    return sys.stdin.buffer.read()


def _post(
    stack: "Stack", body_format: Format, tenant: str, log_id: str | None, body: bytes
) -> "requests.Response":
    if body_format is Format.TEXT:
        return stack.api.post_text(tenant, body, log_id=log_id)
    try:
        fields = {"tenant_id": tenant, "text": body.decode()}
    except UnicodeDecodeError as error:
        raise CommandError(
            f"the text is not UTF-8 at byte {error.start}, and JSON must be: send it as it is with"
            " --format text"
        ) from None
    return stack.api.post_json(fields if log_id is None else {**fields, "log_id": log_id})


def _fields(answer: "requests.Response") -> object:
    """The answer's JSON; its text if it is not JSON."""
    try:
        return answer.json()
    except (ValueError, RecursionError):
        return answer.text


def _wait_for_record(
    stack: "Stack", tenant: str, accepted: object, timeout: int
) -> "Record | None":
    """None if it is not stored after `timeout` seconds.

    :raises CommandError: the answer does not name the log: it is not this pipeline's
    """
    log_id, request_id = (_named(accepted, name) for name in ("log_id", "request_id"))
    with StatusLine() as status:

        def stored() -> "Record | None":
            status.show(f"waiting for the record of {log_id} ({status.seconds:.0f} s)")
            record = stack.records.get(tenant, log_id)
            return record if record and record.request_id == request_id else None

        try:
            return wait_for(stored, deadline=timeout, what=f"the record of {log_id}")
        except DeadlineExceededError:
            return None


def _named(accepted: object, name: str) -> str:
    if not isinstance(accepted, dict) or not isinstance(accepted.get(name), str):
        raise CommandError(f"the answer has no {name}: what answered is not this pipeline's API")
    return str(accepted[name])


def _not_stored(accepted: object, timeout: int) -> str:
    see = command_line("rdp", "logs", "--log-id", _named(accepted, "log_id"))
    return f"not stored after {timeout} s: see {see} and `rdp dlq list`"
