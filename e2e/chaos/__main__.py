"""Break the running stack on purpose, and prove that nothing is lost.

Each experiment injects a fault, sends logs through it, heals, waits until the pipeline is quiet,
and holds what was accepted against table and dead-letter queue. The exit status is 1 where an
invariant broke. A redrive moves the whole dead-letter queue, older messages with it.
"""

from __future__ import annotations

import argparse
import random
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from e2e.chaos import signals
from e2e.chaos.api import ChaosApiError
from e2e.chaos.catalogue import BY_NAME, EXPERIMENTS, Experiment
from e2e.chaos.disruptions import heal_container
from e2e.chaos.load import FASTEST
from e2e.chaos.report import write
from e2e.chaos.run import Result, Runner
from e2e.chaos.schedule import Schedule, ScheduleError, as_experiment, draw, parse, shortest, shown
from e2e.deployment import ROOT, Deployment
from e2e.stack import Stack
from scripts.console import StatusLine, run, say, whole_number

_REPORT = ROOT / ".local" / "chaos" / "report.html"
_FAST = (
    "poison-among-neighbours",
    "dynamodb-outage",
    "sqs-outage",
    "duplicate-delivery",
    "deploy-under-load",
)
_LOGS, _FAST_LOGS = 50, 20


def main() -> None:
    options = _options()
    signals.end_in_order()
    status = StatusLine()

    def tell(text: str) -> None:
        status.end()
        say(text)

    heal_container()
    stack = Stack(Deployment.from_environment())
    runner = Runner(
        *(stack, options.logs, options.seed, tell, status.show),
        seconds=options.seconds,
        keep=options.keep,
    )
    say(f"{options.logs} logs an experiment, seed {options.seed}, target {stack.target}")
    try:
        runner.heal_leftovers()
    except ChaosApiError as error:
        sys.exit(str(error))
    results: list[Result] = []
    began = time.monotonic()
    try:
        results.extend(_run_all(runner, options))
    finally:
        status.end()
        _summarise(results, time.monotonic() - began, options.report)
    if any(result.verdict == "BROKEN" for result in results):
        sys.exit(1)
    # of the whole catalogue a stack may lack some; what somebody asked for must have run
    asked_for = options.experiments or options.fast or options.schedule or options.random
    if asked_for and any(result.skipped for result in results):
        sys.exit("not all that was asked for could run: see above")


# -- options -----------------------------------------------------------------------------------


def _options() -> argparse.Namespace:
    listed = "\n".join(f"  {e.name:<24} {e.breaks}" for e in EXPERIMENTS)
    parser = argparse.ArgumentParser(
        prog="make chaos, or scripts/chaos/<experiment>.sh",
        description=__doc__,
        epilog=f"the experiments:\n{listed}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "experiments", nargs="*", metavar="EXPERIMENT", help="by name (default: all)"
    )
    parser.add_argument("--logs", type=whole_number(10), help=f"an experiment (default: {_LOGS})")
    parser.add_argument(
        "--seconds", type=whole_number(1), help="how long they are sent (default: 10 to 30)"
    )
    parser.add_argument("--seed", type=whole_number(0), help="the same seed, the same run")
    parser.add_argument(
        "--random", type=whole_number(1), metavar="N", help="N random overlapping schedules"
    )
    parser.add_argument("--schedule", help="one schedule, as a random run printed it")
    parser.add_argument("--fast", action="store_true", help="a few of them, for CI")
    parser.add_argument("--keep", action="store_true", help="leave records and dead letters")
    parser.add_argument("--report", type=Path, default=_REPORT, help="default: %(default)s")
    options = parser.parse_args()
    if unknown := [name for name in options.experiments if name not in BY_NAME]:
        parser.error(f"no experiment is called {unknown[0]}: one of {', '.join(BY_NAME)}")
    options.logs = options.logs or (_FAST_LOGS if options.fast else _LOGS)
    if options.seconds and options.logs / options.seconds > FASTEST:
        parser.error(f"{options.logs} logs take at least {options.logs / FASTEST:.0f} seconds")
    if options.seed is None:
        options.seed = random.randrange(10**6)
    try:
        options.schedule = options.schedule and parse(options.schedule)
    except ScheduleError as error:
        parser.error(str(error))
    return options


# -- running -----------------------------------------------------------------------------------


def _run_all(runner: Runner, options: argparse.Namespace) -> Iterator[Result]:
    if options.random:
        yield from _run_random(runner, options.random, options.seed)
        return
    for experiment in _chosen(options):
        yield runner.run(experiment)


def _chosen(options: argparse.Namespace) -> list[Experiment]:
    if options.schedule:
        return [as_experiment("schedule", options.schedule)]
    if names := options.experiments or (_FAST if options.fast else ()):
        return [BY_NAME[name] for name in names]
    return [experiment for experiment in EXPERIMENTS if not experiment.from_outside]


def _run_random(runner: Runner, count: int, seed: int) -> Iterator[Result]:
    for number, schedule in enumerate(draw(count, seed), start=1):
        seeded = replace(runner, seed=seed + number)
        result = seeded.run(as_experiment(f"random-{number}", schedule))
        yield result
        if result.verdict == "BROKEN":
            _tell_shortest(seeded, schedule)
            return


def _tell_shortest(runner: Runner, schedule: Schedule) -> None:
    say("\nLooking for the shortest schedule that still fails")

    def fails(shorter: Schedule) -> bool:
        return runner.run(as_experiment("shorter", shorter)).verdict == "BROKEN"

    found = shown(shortest(schedule, fails))
    options = f'--schedule "{found}" --logs {runner.logs} --seed {runner.seed}'
    say(f"\nThe shortest that still fails: {found or 'no disruption at all'}")
    if found:
        say(f"Again: .venv/bin/python -m e2e.chaos {options}")


def _summarise(results: list[Result], seconds: float, report: Path) -> None:
    if not results:
        return
    say(f"\n{'experiment':<26} {'verdict':<8} {'seconds':>7}  what broke")
    for result in results:
        broken = ", ".join(finding.name for finding in result.findings if not finding.holds)
        why = result.skipped and f"needs {result.skipped}"
        say(
            f"{result.experiment.name:<26} {result.verdict:<8} {result.seconds:7.0f}"
            f"  {broken or why}".rstrip()
        )
    write(report, results)
    say(f"\n{seconds:.0f} s; the timelines: {report}")


if __name__ == "__main__":
    run(main)
