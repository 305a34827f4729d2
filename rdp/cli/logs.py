"""rdp logs: the log lines of the functions and of the HTTP API."""

import sys
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple

import typer

from rdp.cli.options import JsonOption, TargetOption, duration
from rdp.cli.output import print_json, say
from rdp.cli.session import CommandError, open_stack
from rdp.target import Part, Target

if TYPE_CHECKING:
    from rdp.stack import LogLine, Stack

_POLL_SECONDS = 2
# Lines reach CloudWatch Logs late and out of order.
_LOOK_BACK_SECONDS = 30
# These are shown at the start of a line, not again among its fields.
_SHOWN_FIRST = ("timestamp", "message", "level")
_STYLES = {"ERROR": "red", "WARNING": "yellow"}


class Line(NamedTuple):
    part: Part
    line: "LogLine"


class Filter(NamedTuple):
    """Which lines to show: all, or those about one log, one request or both."""

    log_id: str | None
    request_id: str | None

    @property
    def wanted(self) -> str:
        """What the lines must be about; empty if all are shown."""
        about = (("log", self.log_id), ("request", self.request_id))
        return " and ".join(f"{what} {value!r}" for what, value in about if value is not None)

    def chosen(self, lines: "list[Line]") -> "list[Line]":
        if not self.wanted:
            return lines
        requests = self._requests(lines)
        return [line for line in lines if self._is_about(line, requests)]

    def _requests(self, lines: "list[Line]") -> set[str]:
        """The access log names only requests, so those that sent the log are looked up here."""
        if self.request_id is not None:
            return {self.request_id} - {""}
        about = [fields for line in lines if (fields := line.line.fields)]
        return {_request_of(f) for f in about if f.get("log_id") == self.log_id} - {""}

    def _is_about(self, line: Line, requests: set[str]) -> bool:
        fields = line.line.fields or {}
        log_id = fields.get("log_id")
        if self.log_id is not None and log_id is not None:
            if log_id != self.log_id:
                return False
            if self.request_id is None:
                return True
        return _request_of(fields) in requests


def _request_of(fields: dict[str, object]) -> str:
    """The functions write request_id, the HTTP API requestId. Empty if there is neither."""
    return str(fields.get("request_id") or fields.get("requestId") or "")


def logs(
    parts: Annotated[
        list[Part] | None, typer.Argument(help="Which logs.", show_default="all")
    ] = None,
    log_id: Annotated[str | None, typer.Option(help="Only lines about this log.")] = None,
    request_id: Annotated[str | None, typer.Option(help="Only lines about this request.")] = None,
    since: Annotated[
        Any, typer.Option(parser=duration, metavar="DURATION", help="90s, 10m, 2h, 1d.")
    ] = "10m",
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Continue until Ctrl-C.")] = False,
    target: TargetOption = Target.LOCAL,
    as_json: JsonOption = False,
) -> None:
    """Print the log lines of the functions and of the HTTP API, oldest first.

    In a file or a pipe they are as they were written.
    """
    stack = open_stack(target)
    chosen = Filter(log_id, request_id)
    printer = Printer(chosen, _shows(as_json=as_json))
    wanted_parts = list(dict.fromkeys(parts or Part))
    started = time.time() - since
    printer.print_new(_read(stack, wanted_parts, started))
    if chosen.wanted and not printer.printed and not follow:
        raise CommandError(f"no line about {chosen.wanted} in the last {since} s: try --since 1d")
    while follow:
        time.sleep(_POLL_SECONDS)
        # The lines that name a log's requests may be older than the new ones.
        back = time.time() - _LOOK_BACK_SECONDS if log_id is None else started
        printer.print_new(_read(stack, wanted_parts, back))


class Printer:
    """Prints each chosen line once, however often it is read."""

    def __init__(self, chosen: Filter, show: Callable[[Line], None]) -> None:
        self.printed: set[str] = set()
        """The ids of the lines."""
        self._filter = chosen
        self._show = show

    def print_new(self, lines: "list[Line]") -> None:
        for line in self._filter.chosen(lines):
            if line.line.event_id not in self.printed:
                self._show(line)
                self.printed.add(line.line.event_id)


def _read(stack: "Stack", parts: Sequence[Part], since: float) -> "list[Line]":
    lines = [Line(part, line) for part in parts for line in stack.logs.of(part, since=since)]
    return sorted(lines, key=lambda line: (line.line.written_at, line.line.stored_at))


def _shows(*, as_json: bool) -> Callable[[Line], None]:
    if as_json:
        return _show_json
    return _show_on_terminal if sys.stdout.isatty() else _show_as_written


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
