"""rdp send: one log to the API, and the record it becomes."""

import sys
from dataclasses import asdict
from enum import StrEnum
from typing import Annotated, Any

import requests
import typer

from rdp.cli.options import JsonOption, TargetOption
from rdp.cli.output import StatusLine, print_json, say, show_json
from rdp.cli.session import FAILED, CommandError, open_stack
from rdp.deployment import Target
from rdp.stack import Record, Stack
from rdp.waiting import DeadlineExceededError, wait_for


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
    body = _text_to_send(text)
    answer = _post(stack, body_format, tenant, log_id, body)
    fields = _fields(answer)
    if not as_json:
        say(f"HTTP {answer.status_code}")
        show_json(fields)
    record = None
    if answer.status_code == requests.codes.accepted and wait:
        record = _wait_for_record(stack, tenant, fields, timeout)
        if not as_json:
            say("Stored:")
            show_json(asdict(record))
    if as_json:
        print_json(
            {"status": answer.status_code, "answer": fields, "record": record and asdict(record)}
        )
    if answer.status_code != requests.codes.accepted:
        raise typer.Exit(FAILED)


def _text_to_send(text: str | None) -> bytes:
    """As it is, byte by byte: what is not UTF-8 is for the API to refuse."""
    if text is not None:
        return text.encode(errors="surrogateescape")
    if sys.stdin.isatty():
        sys.stderr.write("Type the text, then Ctrl-D:\n")
    return sys.stdin.buffer.read()


def _post(
    stack: Stack, body_format: Format, tenant: str, log_id: str | None, body: bytes
) -> requests.Response:
    if body_format is Format.TEXT:
        return stack.api.post_text(tenant, body, log_id=log_id)
    try:
        fields = {"tenant_id": tenant, "text": body.decode()}
    except UnicodeDecodeError as error:
        raise CommandError(
            f"the text is not UTF-8 at byte {error.start}, and JSON is: send it as it is with"
            " --format text"
        ) from None
    return stack.api.post_json(fields if log_id is None else {**fields, "log_id": log_id})


def _fields(answer: requests.Response) -> Any:
    """The answer's JSON; its text where it has none."""
    try:
        return answer.json()
    except ValueError:
        return answer.text


def _wait_for_record(stack: Stack, tenant: str, accepted: Any, timeout: int) -> Record:
    log_id, request_id = accepted["log_id"], accepted["request_id"]
    with StatusLine() as status:

        def stored() -> Record | None:
            status.show(f"waiting for the record of {log_id} ({status.seconds:.0f} s)")
            record = stack.records.get(tenant, log_id)
            return record if record and record.request_id == request_id else None

        try:
            return wait_for(stored, deadline=timeout, what=f"the record of {log_id}")
        except DeadlineExceededError:
            raise CommandError(
                f"not stored after {timeout} s: see `rdp logs --log-id {log_id}` and `rdp dlq list`"
            ) from None
