"""rdp load: send logs at a steady rate, then account for every accepted log."""

import json
import math
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from rdp.cli.options import JsonOption, TargetOption
from rdp.cli.output import StatusLine, complain, print_json, say
from rdp.cli.session import FAILED, CommandError, open_stack
from rdp.target import Target

if TYPE_CHECKING:
    from rdp.ledger import Balance, Ledger
    from rdp.load.run import Answers
    from rdp.stack import LogKey, Record, Stack

_SHOWN = 5
# Fewer logs sent than this share of what was asked for need an explanation.
_SENT_SHARE = 0.9


def load(
    rate: Annotated[int, typer.Option(min=1, help="Logs a minute.")] = 1000,
    duration: Annotated[int, typer.Option(min=1, help="Seconds.")] = 60,
    tenants: Annotated[int, typer.Option(min=1, help="How many.")] = 10,
    text_length: Annotated[
        int, typer.Option(min=1, help="Characters a log; each takes the worker 0.05 s.")
    ] = 50,
    patience: Annotated[
        int,
        typer.Option(
            min=1, help="Seconds without a new record after which missing logs count as lost."
        ),
    ] = 180,
    clean: Annotated[bool, typer.Option("--clean", help="Delete the run's records.")] = False,
    output: Annotated[
        Path | None,
        typer.Option(
            help="Also write how the run went to this file, for `rdp capacity --check`.",
            show_default=False,
        ),
    ] = None,
    target: TargetOption = Target.LOCAL,
    as_json: JsonOption = False,
) -> None:
    """Send logs of many tenants, then account for every accepted log.

    The exit status is 0 if logs were accepted, and each became a record or is in the dead-letter
    queue. Ctrl-C ends the sending; the logs accepted until then are still accounted for.
    """
    from rdp.load.run import SteadyLoad, new_tenants

    stack = open_stack(target)
    if output:
        # before minutes of sending, not after
        output.parent.mkdir(parents=True, exist_ok=True)
    began = time.time()
    names = new_tenants(tenants)
    if not as_json:
        say(
            f"{rate:,} logs a minute for {duration} s, {text_length} characters each, of the"
            f" tenants {names[0]} to {names[-1]}"
        )
    with StatusLine() as status:
        answers, ledger = SteadyLoad(stack.api.url, names, rate / 60, duration, text_length).run(
            lambda elapsed, so_far: status.show(f"{elapsed:3.0f} s: {_tally(so_far)}")
        )
    ended = time.time()
    _complain_if_few(answers.requests, rate * duration / 60)
    if not as_json:
        _report_answers(answers)
    balance = _account(stack, ledger, patience)
    if as_json:
        print_json(_as_json(answers, balance))
    else:
        _report_balance(balance, ended)
    if output:
        _write_observation(stack, balance, began, text_length, output)
    for tenant_id in names if clean else ():
        stack.records.delete_of(tenant_id)
    _judge(balance, ledger)


def _judge(balance: "Balance", ledger: "Ledger") -> None:
    if balance.lost:
        raise typer.Exit(FAILED)
    if not ledger.accepted:
        raise CommandError("no log was accepted, so nothing is proven: see `rdp health`")


def _write_observation(
    stack: "Stack", balance: "Balance", began: float, text_length: int, output: Path
) -> None:
    from rdp.load.observation import observe

    observed = observe(stack, balance.records.values(), began=began, characters=text_length)
    output.write_text(f"{json.dumps(observed, indent=2)}\n")


def _complain_if_few(sent: int, planned: float) -> None:
    if sent < planned * _SENT_SHARE:
        complain(
            f"Only {sent:,} of {planned:,.0f} logs were sent: the load was interrupted, or this"
            " machine or the API is too slow for it"
        )


def _tally(answers: "Answers") -> str:
    return (
        f"{answers.accepted:,} accepted, {answers.refused:,} refused, {answers.unanswered:,}"
        f" without answer, p50 {answers.p50:,.0f} ms, p99 {answers.p99:,.0f} ms"
    )


def _report_answers(answers: "Answers") -> None:
    say(f"requests    {answers.requests:,}, {answers.a_second:.1f} a second")
    say(f"answers     {_tally(answers)}, max {answers.slowest:,.0f} ms")
    for status, count in sorted(answers.statuses.items()):
        if status not in (0, 202):
            say(f"            {count:,} x HTTP {status}")


def _account(stack: "Stack", ledger: "Ledger", patience: int) -> "Balance":
    from rdp.ledger import reconcile

    with StatusLine() as status:
        return reconcile(
            stack,
            ledger,
            patience=patience,
            progress=lambda stored, accepted: status.show(
                f"{status.seconds:3.0f} s: {stored:,} of {accepted:,} accepted logs are records"
            ),
        )


def _report_balance(balance: "Balance", ended: float) -> None:
    records = list(balance.records.values())
    again = sum(record.attempt > 1 for record in records)
    say(f"records     {len(records):,}{_timing(records, ended) if records else ''}")
    say(f"attempts    {again:,} records took more than one")
    say(f"in the DLQ  {len(balance.dead):,} (reasons: rdp dlq list)")
    say(f"lost        {len(balance.lost):,}{_some(balance.lost)}")
    say(f"unexpected  {len(balance.unexpected):,}{_some(balance.unexpected)}")


def _timing(records: "list[Record]", ended: float) -> str:
    from rdp.stack.messages import epoch_seconds

    p50, p99 = _receipt_to_record(records)
    last = max(epoch_seconds(record.processed_at) for record in records)
    return (
        f", the last {max(0, last - ended):.1f} s after the last answer;"
        f" from receipt to record p50 {p50:.1f} s, p99 {p99:.1f} s"
    )


def _receipt_to_record(records: "list[Record]") -> tuple[float, float]:
    """Seconds: the median and the 99th percentile."""
    from rdp.stack.messages import epoch_seconds

    seconds = sorted(epoch_seconds(r.processed_at) - epoch_seconds(r.received_at) for r in records)
    p50, p99 = (seconds[math.ceil(len(seconds) * share) - 1] for share in (0.5, 0.99))
    return p50, p99


def _some(keys: "set[LogKey]") -> str:
    shown = ", ".join(f"{tenant}/{log}" for tenant, log in sorted(keys)[:_SHOWN])
    return f": {shown}{', ...' if len(keys) > _SHOWN else ''}" if keys else ""


def _as_json(answers: "Answers", balance: "Balance") -> dict[str, object]:
    return {
        "requests": answers.requests,
        "statuses": {str(status): count for status, count in answers.statuses.items()},
        "p50_milliseconds": answers.p50,
        "p99_milliseconds": answers.p99,
        "records": len(balance.records),
        "dead_letters": len(balance.dead),
        "lost": sorted(balance.lost),
        "unexpected": sorted(balance.unexpected),
    }
