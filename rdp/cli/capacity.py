"""rdp capacity: what the pipeline can take, how long a log waits, and what it costs."""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from rdp.cli.options import JsonOption
from rdp.cli.output import print_json, say
from rdp.cli.session import FAILED, CommandError

if TYPE_CHECKING:
    from rdp.capacity.comparison import Comparison
    from rdp.capacity.lane import Lane
    from rdp.capacity.plan import Plan

_DAY_SECONDS = 86_400


def capacity(
    rate: Annotated[float, typer.Option(help="Logs a second.")] = 10.0,
    lengths: Annotated[
        str, typer.Option(help="Characters a log: 100, or shares such as 90:100,10:2000.")
    ] = "100",
    changes: Annotated[
        list[str] | None,
        typer.Option(
            "--set",
            metavar="NAME=VALUE",
            help="Another value of a Terraform variable, such as worker_batch_size=20; repeatable.",
            show_default=False,
        ),
    ] = None,
    backlog: Annotated[
        int, typer.Option(min=0, help="Messages that wait now: how long until they are processed.")
    ] = 0,
    naive: Annotated[
        bool,
        typer.Option("--naive", help="Beside the bill of AWS's defaults.", show_default=False),
    ] = False,
    check: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="Instead, compare the model with the run that `rdp load --output FILE` wrote.",
            show_default=False,
        ),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Predict throughput, latency, dollars and the limit that breaks first; needs no stack.

    The figures are those of AWS, of its list prices in us-east-1. With --check, the exit status is
    1 if a prediction is more than 20 % wrong.
    """
    if check:
        _check(check, as_json)
        return
    plan, other = _plans(rate, lengths, changes or [])
    if as_json:
        found = _as_json(plan, backlog)
        print_json(found | {"naive": _as_json(other, backlog)} if naive else found)
        return
    for line in _report(plan, backlog):
        say(line)
    say("")
    for line in _bills({"naive": other, "here": plan} if naive else {"here": plan}):
        say(line)
    say("")
    for line in _limits(plan):
        say(line)


def _plans(rate: float, lengths: str, changes: list[str]) -> tuple[Plan, Plan]:
    from rdp.capacity.plan import Plan, changed
    from rdp.capacity.settings import NAIVE, InvalidSettingError, Settings
    from rdp.capacity.workload import InvalidWorkloadError, Lengths, Workload

    try:
        workload = Workload(rate, Lengths.parse(lengths))
        return Plan.of(workload, changed(Settings(), changes)), Plan.of(workload, NAIVE)
    except (InvalidSettingError, InvalidWorkloadError) as error:
        raise CommandError(str(error)) from None


# -- the prediction ----------------------------------------------------------------------------


def _report(plan: Plan, backlog: int) -> Iterator[str]:
    workload = plan.workload
    yield (
        f"{workload.rate:,.6g} logs a second, {workload.rate * _DAY_SECONDS:,.0f} a day,"
        f" {workload.lengths.mean():,.0f} characters on average"
    )
    for lane in plan.lanes:
        yield ""
        share = lane.rate / workload.rate
        yield f"{lane.name} lane   {share:.0%} of the logs, {lane.rate:,.6g} a second"
        yield from _lane_report(lane)
    settings = plan.settings
    yield ""
    yield (
        f"memory       up to {plan.worker_peak_mb:,.0f} of {settings.worker_memory_mb:,} MB"
        f" for {settings.worker_batch_size} messages that are tried again"
    )
    if backlog:
        needed = _time(plan.seconds_to_drain(backlog))
        yield f"backlog      {backlog:,} messages that wait are processed in {needed}"


def _lane_report(lane: Lane) -> Iterator[str]:
    batching = lane.batching
    yield (
        f"batches      {batching.messages:,.1f} messages, gathered for {batching.window:.1f} s,"
        f" processed in {batching.seconds:.1f} s"
    )
    yield (
        f"invocations  {lane.concurrent:,.1f} at the same time, at most"
        f" {lane.mapping.most_processes:,}"
    )
    yield f"capacity     {lane.capacity:,.0f} logs a second"
    if lane.is_overloaded:
        yield (
            f"latency      grows: {lane.backlog_growth:,.1f} more messages wait each second; the"
            " bill counts them as processed"
        )
    else:
        yield (
            f"latency      {lane.mean_latency:.1f} s from receipt to record on average, at most"
            f" {lane.longest_latency:.1f} s"
        )


def _time(seconds: float) -> str:
    if math.isinf(seconds):
        return "no time: more come than can be processed"
    hours, minutes = seconds / 3600, seconds / 60
    if hours >= 2:
        return f"{hours:,.1f} hours"
    return f"{minutes:,.1f} minutes" if minutes >= 2 else f"{seconds:,.0f} s"


def _bills(plans: dict[str, Plan]) -> Iterator[str]:
    bills = [plan.bill for plan in plans.values()]
    yield _row("dollars per million logs", *(f"{name:>9}" for name in plans))
    for lines in zip(*(bill.lines for bill in bills), strict=True):
        figures = [bill.per_million(line) for bill, line in zip(bills, lines, strict=True)]
        yield _row(f"{lines[0].part}: {lines[0].what}", *(f"{each:9.3f}" for each in figures))
    yield _row("total", *(f"{bill.per_million():9.2f}" for bill in bills))
    yield _row("dollars a month", *(f"{bill.dollars:9,.0f}" for bill in bills))


def _row(name: str, *figures: str) -> str:
    return f"{name:<36}{' '.join(figures)}"


def _limits(plan: Plan) -> Iterator[str]:
    yield "limits, in the order in which more logs reach them"
    for limit in plan.limits:
        use = limit.use(plan.workload.rate)
        broken = " BROKEN" if use > 1 else ""
        yield f"{limit.logs_a_second:9,.0f} logs a second  {use:5.0%}{broken}  {limit.name}"


def _as_json(plan: Plan, backlog: int) -> dict[str, Any]:
    bill = plan.bill
    return {
        "logs_a_second": plan.workload.rate,
        "lanes": [
            {
                "name": lane.name,
                "logs_a_second": lane.rate,
                "messages_a_batch": lane.batching.messages,
                "batch_seconds": lane.batching.seconds,
                "concurrent_invocations": lane.concurrent,
                "capacity": lane.capacity,
                "backlog_growth": lane.backlog_growth,
                "mean_latency": _finite(lane.mean_latency),
                "longest_latency": _finite(lane.longest_latency),
            }
            for lane in plan.lanes
        ],
        "worker_peak_mb": plan.worker_peak_mb,
        "seconds_to_drain": _finite(plan.seconds_to_drain(backlog)),
        "dollars_per_million": bill.per_million(),
        "dollars_a_month": bill.dollars,
        "bill": [
            {
                "part": line.part,
                "what": line.what,
                "units_a_month": line.units,
                "dollars_a_month": line.dollars,
                "source": line.price.source,
            }
            for line in bill.lines
        ],
        "limits": [
            {
                "name": limit.name,
                "value": limit.value,
                "logs_a_second": _finite(limit.logs_a_second),
                "remedy": limit.remedy,
                "source": limit.source,
            }
            for limit in plan.limits
        ],
    }


def _finite(value: float) -> float | None:
    """JSON has no infinity."""
    return value if math.isfinite(value) else None


# -- the check ---------------------------------------------------------------------------------


def _check(path: Path, as_json: bool) -> None:
    from rdp.capacity.comparison import InvalidRunError, Run, compare

    try:
        comparisons = compare(Run.parse(path.read_text()))
    except (InvalidRunError, UnicodeDecodeError) as error:
        raise CommandError(
            f"{path} is not what `rdp load --output {path}` writes: {error}"
        ) from None
    if as_json:
        print_json({each.name: _comparison_as_json(each) for each in comparisons})
    else:
        for line in _comparison_report(comparisons):
            say(line)
    if not all(each.holds for each in comparisons):
        raise typer.Exit(FAILED)


def _comparison_report(comparisons: list[Comparison]) -> Iterator[str]:
    from rdp.capacity.comparison import TOLERANCE

    yield f"{'':<32}predicted  measured  deviation"
    for each in comparisons:
        verdict = "" if each.holds else f"  more than {TOLERANCE:.0%}"
        yield (
            f"{each.name:<32}{each.predicted:9.2f} {each.measured:9.2f}"
            f" {each.deviation:+10.0%}{verdict}"
        )


def _comparison_as_json(comparison: Comparison) -> dict[str, float | bool]:
    return {
        "predicted": comparison.predicted,
        "measured": comparison.measured,
        "deviation": comparison.deviation,
        "holds": comparison.holds,
    }
