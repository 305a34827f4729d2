"""rdp chaos: break the running stack on purpose, and check that nothing is lost."""

import random
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from rdp import checkout
from rdp.cli.options import JsonOption, TargetOption
from rdp.cli.output import StatusLine, complain, print_json, say
from rdp.cli.session import FAILED, UNKNOWN, CommandError, open_stack
from rdp.target import Target

if TYPE_CHECKING:
    from rdp.chaos.choice import Choice
    from rdp.chaos.judge import Result
    from rdp.chaos.run import Runner
    from rdp.chaos.schedule import Schedule

app = typer.Typer(
    help="Break the running stack on purpose, and check that nothing is lost.",
    no_args_is_help=True,
)

_FOLDER = checkout.LOCAL / "chaos"
_LOGS, _FAST_LOGS = 50, 20
_EXIT_STATUSES = "Exit status: 0 all holds, 1 an invariant is broken, 3 the verdict is unknown."


def _experiments_like(beginning: str) -> list[str]:
    """For completion in a shell."""
    from rdp.chaos.catalogue import BY_NAME

    return [name for name in BY_NAME if name.startswith(beginning)]


ReportOption = Annotated[Path, typer.Option(help="The timelines, as one HTML file.")]


@app.command(epilog=_EXIT_STATUSES)
def run(
    experiments: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[EXPERIMENT]...",
            help="See `rdp chaos list`.",
            show_default="all",
            autocompletion=_experiments_like,
        ),
    ] = None,
    logs: Annotated[
        int | None,
        typer.Option(
            min=10, help="Logs for each experiment.", show_default=f"{_LOGS}; --fast {_FAST_LOGS}"
        ),
    ] = None,
    seconds: Annotated[
        int | None, typer.Option(min=1, help="How long logs are sent.", show_default="10 to 30")
    ] = None,
    seed: Annotated[
        int | None,
        typer.Option(min=0, help="The same seed gives the same run.", show_default="random"),
    ] = None,
    random_schedules: Annotated[
        int, typer.Option("--random", min=0, help="Run N random overlapping schedules.")
    ] = 0,
    schedule: Annotated[
        str, typer.Option(help="Run one schedule, as a random run printed it.")
    ] = "",
    fast: Annotated[
        bool, typer.Option("--fast", help="Only a few experiments and logs, for CI.")
    ] = False,
    keep: Annotated[bool, typer.Option("--keep", help="Leave records and dead letters.")] = False,
    report: ReportOption = _FOLDER / "report.html",
    evidence: Annotated[
        Path, typer.Option(help="The file that `rdp chaos judge` can judge again.")
    ] = _FOLDER / "evidence.json",
    target: TargetOption = Target.LOCAL,
    as_json: JsonOption = False,
) -> None:
    """Run experiments: inject a fault, send logs, heal, and check what is left.

    Each waits until the pipeline is quiet, and compares the accepted logs with the table and the
    dead-letter queue. A redrive moves the whole dead-letter queue, also older messages.
    """
    from rdp.chaos import signals
    from rdp.chaos.choice import Choice
    from rdp.chaos.disruptions import heal_container
    from rdp.chaos.run import Runner

    logs = logs or (_FAST_LOGS if fast else _LOGS)
    _check_rate(logs, seconds)
    choice = Choice(_known(experiments or []), fast, _parsed(schedule), random_schedules)
    _check_choice(choice)
    for path in (report, evidence):
        _check_writable(path)
    signals.end_in_order()
    if target is Target.LOCAL:
        heal_container()
    stack = open_stack(target)
    with StatusLine() as status:

        def say_line(text: str) -> None:
            status.end()
            (complain if as_json else say)(text)

        runner = Runner(
            stack,
            logs=logs,
            seed=random.randrange(10**6) if seed is None else seed,
            say=say_line,
            progress=status.show,
            seconds=seconds,
            keep=keep,
        )
        say_line(f"{logs} logs an experiment, seed {runner.seed}, target {target}")
        results = _run_all(runner, choice, evidence, report, as_json=as_json)
    _end(results, must_run=choice.is_explicit)


@app.command(epilog=_EXIT_STATUSES)
def judge(
    file: Annotated[Path, typer.Argument(help="An evidence.json of `rdp chaos run`.")],
    report: Annotated[
        Path | None, typer.Option(help="Write the timelines, too.", show_default=False)
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Judge the evidence of a run again, without a stack."""
    from rdp.chaos import evidence
    from rdp.chaos import report as html
    from rdp.chaos.judge import described, experiment_of
    from rdp.chaos.judge import judge as judge_run

    try:
        results = [judge_run(run, experiment_of(run)) for run in evidence.read(file).runs]
    except evidence.EvidenceError as error:
        raise CommandError(str(error)) from error
    if not as_json:
        for result in results:
            say(f"\n{result.experiment.name}: {result.experiment.breaks}")
            for line in described(result):
                say(line)
    _summarise(results, as_json=as_json)
    if report:
        html.write(report, results)
    _end(results, must_run=False)


@app.command("list")
def list_experiments(as_json: JsonOption = False) -> None:
    """List the experiments: what each breaks, and what is expected."""
    from rdp.chaos.catalogue import EXPERIMENTS

    for experiment in EXPERIMENTS:
        if as_json:
            print_json({name: getattr(experiment, name) for name in ("name", "breaks", "expects")})
        else:
            say(f"{experiment.name:<24} {experiment.breaks}")


# -- options -----------------------------------------------------------------------------------


def _check_writable(path: Path) -> None:
    """Before minutes of experiments, not after."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.open("ab").close()
    except OSError as error:
        raise CommandError(f"{path} cannot be written: {error.strerror}") from error


def _check_rate(logs: int, seconds: int | None) -> None:
    from rdp.chaos.load import FASTEST

    if seconds and logs / seconds > FASTEST:
        raise typer.BadParameter(
            f"{logs} logs take at least {logs / FASTEST:.0f} seconds", param_hint="--seconds"
        )


def _check_choice(choice: "Choice") -> None:
    ways = {
        "EXPERIMENT": choice.names,
        "--schedule": choice.schedule,
        "--random": choice.random,
    }
    chosen = [way for way, value in ways.items() if value]
    if len(chosen) > 1:
        raise typer.BadParameter(f"{' and '.join(chosen)} exclude each other")


def _known(names: Sequence[str]) -> Sequence[str]:
    from rdp.chaos.catalogue import BY_NAME

    if unknown := [name for name in names if name not in BY_NAME]:
        raise typer.BadParameter(
            f"no experiment is called {unknown[0]!r}: one of {', '.join(BY_NAME)}"
        )
    return names


def _parsed(schedule: str) -> "Schedule":
    from rdp.chaos.schedule import ScheduleError, parse

    try:
        return parse(schedule)
    except ScheduleError as error:
        raise typer.BadParameter(str(error), param_hint="--schedule") from error


# -- running -----------------------------------------------------------------------------------


def _run_all(
    runner: "Runner", choice: "Choice", evidence: Path, report: Path, *, as_json: bool
) -> "list[Result]":
    """Results from before an interruption are kept, too."""
    from rdp.chaos import evidence as kept
    from rdp.chaos import report as html
    from rdp.chaos.api import ChaosApiError
    from rdp.chaos.leftovers import LeftoversError

    try:
        runner.heal_leftovers()
    except (ChaosApiError, LeftoversError) as error:
        raise CommandError(str(error)) from error
    results: list[Result] = []
    began = time.monotonic()
    try:
        results.extend(choice.run(runner))
    finally:
        if results:
            kept.write(evidence, runner.stack.target, [result.run for result in results])
            html.write(report, results)
            runner.say("")
            _summarise(results, as_json=as_json)
            runner.say(
                f"\n{time.monotonic() - began:.0f} s; the timelines: {report}; the evidence:"
                f" {evidence}"
            )
    return results


def _summarise(results: "Sequence[Result]", *, as_json: bool) -> None:
    from rdp.chaos.findings import Verdict

    if not as_json:
        say(f"{'experiment':<26} {'verdict':<8} {'seconds':>7}  what does not hold")
    for result in results:
        if as_json:
            print_json(
                {
                    "experiment": result.experiment.name,
                    "verdict": result.word,
                    "seconds": round(result.run.seconds, 1),
                    "skipped": result.run.skipped,
                    "findings": [finding._asdict() for finding in result.findings],
                }
            )
            continue
        failed = [finding.name for finding in result.findings if finding.verdict != Verdict.HOLDS]
        why = f"needs {result.run.skipped}" if result.run.skipped else ", ".join(failed)
        say(
            f"{result.experiment.name:<26} {result.word:<8} {result.run.seconds:7.0f}"
            f"  {why}".rstrip()
        )


def _end(results: "Sequence[Result]", *, must_run: bool) -> None:
    from rdp.chaos.findings import Verdict

    verdicts = {result.verdict for result in results}
    if Verdict.BROKEN in verdicts:
        raise typer.Exit(FAILED)
    if Verdict.UNKNOWN in verdicts:
        raise typer.Exit(UNKNOWN)
    if must_run and None in verdicts:
        complain("rdp: not all experiments that you asked for could run: see above")
        raise typer.Exit(UNKNOWN)
    if Verdict.HOLDS not in verdicts:
        complain("rdp: no experiment ran, so nothing is proven")
        raise typer.Exit(UNKNOWN)
