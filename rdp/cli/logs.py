"""rdp logs: the log lines of the functions and of the HTTP API."""

import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Annotated, Any, NamedTuple

import typer

from rdp.cli.options import JsonOption, TargetOption, duration
from rdp.cli.output import print_json, say
from rdp.cli.session import CommandError, open_stack
from rdp.deployment import Target
from rdp.stack import LogLine, Part, Stack

_POLL_SECONDS = 2
# Lines reach CloudWatch Logs late and out of order.
_LOOK_BACK_SECONDS = 30
# What a line says first, so not again among its fields.
_SHOWN_FIRST = ("timestamp", "message", "level")
_STYLES = {"ERROR": "red", "WARNING": "yellow"}


class Line(NamedTuple):
    part: Part
    line: LogLine


class Filter(NamedTuple):
    """Which lines: all, or those about one log or one request."""

    log_id: str | None
    request_id: str | None

    def chosen(self, lines: list[Line]) -> list[Line]:
        if self.log_id is None and self.request_id is None:
            return lines
        requests = self._requests(lines)
        return [line for line in lines if self._is_about(line, requests)]

    def _requests(self, lines: list[Line]) -> set[object]:
        """The access log knows requests only: those that sent the log."""
        if self.request_id is not None:
            return {self.request_id}
        about = [fields for line in lines if (fields := line.line.fields)]
        return {f["request_id"] for f in about if f.get("log_id") == self.log_id} - {None}

    def _is_about(self, line: Line, requests: set[object]) -> bool:
        fields = line.line.fields or {}
        if self.log_id is not None and fields.get("log_id") == self.log_id:
            return self.request_id is None or fields.get("request_id") in requests
        return (fields.get("request_id") or fields.get("requestId")) in requests


def logs(
    parts: Annotated[
        list[Part] | None, typer.Argument(help="Which logs.", show_default="all")
    ] = None,
    log_id: Annotated[str | None, typer.Option(help="Only what is about this log.")] = None,
    request_id: Annotated[str | None, typer.Option(help="Only what is about this request.")] = None,
    since: Annotated[
        Any, typer.Option(parser=duration, metavar="DURATION", help="90s, 10m, 2h, 1d.")
    ] = "10m",
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Go on until Ctrl-C.")] = False,
    target: TargetOption = Target.LOCAL,
    as_json: JsonOption = False,
) -> None:
    """The log lines of the functions and of the HTTP API, oldest first.

    To a file or a pipe they are printed as they were written.
    """
    stack = open_stack(target)
    show = _show_json if as_json else _show_on_terminal if sys.stdout.isatty() else _show_as_written
    chosen = Filter(log_id, request_id)
    started = time.time() - since
    shown = _show_new(_read(stack, parts or [*Part], started), chosen, set(), show)
    if not shown and not follow and (log_id or request_id):
        raise CommandError(
            f"no line about {log_id or request_id!r} in the last {since} s: try --since 1d"
        )
    while follow:
        time.sleep(_POLL_SECONDS)
        # The lines that name a log's requests may be older than what is new.
        back = started if log_id else time.time() - _LOOK_BACK_SECONDS
        shown |= _show_new(_read(stack, parts or [*Part], back), chosen, shown, show)


def _read(stack: Stack, parts: list[Part], since: float) -> list[Line]:
    lines = [Line(part, line) for part in parts for line in stack.logs.of(part, since=since)]
    return sorted(lines, key=lambda line: (line.line.written_at, line.line.stored_at))


def _show_new(
    lines: list[Line], chosen: Filter, shown: set[str], show: Callable[[Line], None]
) -> set[str]:
    """The ids of all chosen lines, shown now or before."""
    found = chosen.chosen(lines)
    for line in found:
        if line.line.event_id not in shown:
            show(line)
    return {line.line.event_id for line in found}


def _show_as_written(line: Line) -> None:
    say(line.line.text)


def _show_json(line: Line) -> None:
    print_json(
        {
            "part": line.part,
            "written_at": _moment(line).isoformat(),
            "line": line.line.fields or line.line.text,
        }
    )


def _show_on_terminal(line: Line) -> None:
    fields = line.line.fields
    text = " ".join(_summary(fields)) if fields else line.line.text
    style = _STYLES.get(str((fields or {}).get("level")), "" if fields else "dim")
    say(f"{_moment(line):%H:%M:%S.%f}"[:-3] + f" {line.part:6} {text}", style=style)


def _summary(fields: dict[str, object]) -> Iterator[str]:
    if "message" in fields:
        yield str(fields["message"])
    for name, value in fields.items():
        if name not in _SHOWN_FIRST and not isinstance(value, dict):
            yield f"{name}={value}"


def _moment(line: Line) -> datetime:
    return datetime.fromtimestamp(line.line.written_at, UTC)
