"""The commands of `localstack-serverless`."""

import shlex
import signal
import subprocess
import sys

import click

from . import INTERRUPTED_STATUS, log_file, runtimes
from . import doctor as checks
from . import start as starting
from .errors import PROGRAM, CommandError
from .instance import Instance
from .options import cache_option, port_option, state_option
from .runtimes import DEFAULT_RUNTIME, Shared

LOG_LEVELS = ("trace", "debug", "info", "warn", "error")


def main() -> None:
    """What a user can mend ends in a message, never in a traceback."""
    for ends in (signal.SIGTERM, signal.SIGHUP):
        # nohup ignores one of them
        if signal.getsignal(ends) is not signal.SIG_IGN:
            signal.signal(ends, signal.default_int_handler)
    try:
        cli.main(prog_name=PROGRAM, standalone_mode=False)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except click.Abort:
        click.echo("interrupted", err=True)
        sys.exit(INTERRUPTED_STATUS)
    except OSError as error:
        # such as a full disk, or a folder that is another user's
        click.echo(f"{PROGRAM}: {error.filename or 'failed'}: {error.strerror}", err=True)
        sys.exit(1)


@click.group(context_settings={"help_option_names": ["-h", "--help"], "show_default": True})
@click.version_option(package_name=PROGRAM)
def cli() -> None:
    """LocalStack 4.14.0 with Lambda, HTTP APIs and event source mappings, without Docker."""


@cli.command()
@port_option
@state_option
@cache_option
@click.option("--detach", "-d", is_flag=True, help="Return when it is ready.")
@click.option("--exports/--no-exports", default=True, help="Show what to export for AWS's tools.")
@click.option(
    "--services",
    metavar="NAMES",
    envvar="SERVICES",
    show_envvar=True,
    help="Only these, such as sqs,lambda, and load them at once.",
    show_default="all, each loaded when it is first called",
)
@click.option(
    "--runtime",
    "wanted",
    multiple=True,
    default=[DEFAULT_RUNTIME],
    help="Install this runtime of functions where it is missing; may be given several times.",
)
@click.option(
    "--log-level",
    envvar="LS_LOG",
    show_envvar=True,
    type=click.Choice(LOG_LEVELS),
    show_default="warn",
)
@click.option(
    "--persist/--no-persist", default=True, help="Keep what is deployed and sent over a restart."
)
def start(  # noqa: PLR0913 - an option each
    instance: Instance,
    shared: Shared,
    port: int | None,
    services: str | None,
    wanted: tuple[str, ...],
    log_level: str | None,
    *,
    detach: bool,
    exports: bool,
    persist: bool,
) -> None:
    """Start LocalStack; install what it lacks."""
    options = starting.Options(port, services, wanted, log_level, persist)
    process = starting.start(instance, shared, options)
    if process and not detach:
        _attend(instance, process, exports=exports)
        return
    if process is None:
        click.echo(f"ok LocalStack runs already: {instance.endpoint}")
    if exports:
        _show_exports(instance)
        click.echo(f"Stop it with `{instance.command('stop')}`.")


def _show_exports(instance: Instance) -> None:
    click.echo("\nFor AWS's tools and tflocal:\n")
    click.echo("".join(f"  {line}\n" for line in starting.exports(instance)))


def _attend(instance: Instance, process: subprocess.Popen[bytes], *, exports: bool) -> None:
    """Show the log of a LocalStack in the foreground until it ends."""
    try:
        if exports:
            _show_exports(instance)
        click.echo("Ctrl-C stops it. Its log:")
        log_file.follow(instance.log, sys.maxsize, lambda: process.poll() is None)
    except KeyboardInterrupt:
        try:
            instance.stop(process.pid)
        except KeyboardInterrupt:
            instance.kill(process.pid)
        raise
    instance.clean_up()
    if process.returncode:
        raise CommandError(f"LocalStack ended with status {process.returncode}: see {instance.log}")


@cli.command()
@state_option
def stop(instance: Instance) -> None:
    """Stop LocalStack; it writes what it keeps."""
    pid = instance.pid()
    if pid is None:
        instance.clean_up()
        click.echo("ok LocalStack does not run")
        return
    instance.stop(pid)
    click.echo("ok LocalStack stopped")


@cli.command()
@state_option
def kill(instance: Instance) -> None:
    """End LocalStack by SIGKILL, as a crash would."""
    pid = instance.pid()
    if pid is None:
        raise CommandError(
            f"LocalStack does not run: nothing to kill (`{instance.command('start')}` starts it)"
        )
    instance.kill(pid)
    click.echo("ok LocalStack killed")


@cli.command()
@state_option
def status(instance: Instance) -> None:
    """Show whether LocalStack runs and can keep its state; status 1 where not."""
    pid = instance.pid()
    if pid is None:
        raise CommandError(f"LocalStack does not run: start it with `{instance.command('start')}`")
    if not instance.is_ready():
        raise CommandError(
            f"LocalStack (pid {pid}) is not ready: see `{instance.command('logs')}`, or end it with"
            f" `{instance.command('kill')}`"
        )
    click.echo(f"LocalStack: running, {instance.endpoint} (pid {pid})")
    click.echo(f"state: {instance.folder}")
    if problem := instance.state().get("problem"):
        raise CommandError(f"LocalStack cannot write its state: {problem}. Make room for it")


@cli.command()
@state_option
@click.option("--follow", "-f", is_flag=True, help="Show what comes, until Ctrl-C.")
@click.option("--lines", "-n", type=click.IntRange(0), default=50, help="Of those before.")
def logs(instance: Instance, lines: int, *, follow: bool) -> None:
    """Show the end of LocalStack's log."""
    if not instance.log.exists():
        raise CommandError(
            f"there is no log in {instance.folder}, as LocalStack was never started there: start it"
            f" with `{instance.command('start')}`"
        )
    log_file.follow(instance.log, lines, lambda: follow)


@cli.command()
@state_option
def env(instance: Instance) -> None:
    """Print what to export: eval "$(localstack-serverless env)"."""
    for line in starting.exports(instance):
        click.echo(line)


@cli.command()
@port_option
@state_option
@cache_option
def doctor(instance: Instance, shared: Shared, port: int | None) -> None:
    """Show what this machine lacks, and the command that mends it; status 1 where it does."""
    findings = checks.examine(instance, shared, port)
    for finding in findings:
        click.echo(f"{finding.level:8} {finding.what:16} {finding.text}")
    if any(finding.level == checks.MISSING for finding in findings):
        raise CommandError("something is missing, see above")
    click.echo("Everything that LocalStack needs is here.")


@cli.group()
def runtime() -> None:
    """The interpreters that functions run on."""


@runtime.command()
@click.argument("names", metavar="python3.X...", nargs=-1, required=True)
@cache_option
def install(names: tuple[str, ...], shared: Shared) -> None:
    """Install runtimes, such as python3.12; a running LocalStack uses them at once."""
    for name in names:
        runtimes.install(shared, name)
        click.echo(f"ok {name} is in {shlex.quote(str(shared.runtimes))}")


@runtime.command("list")
@cache_option
def list_runtimes(shared: Shared) -> None:
    """Show which runtimes are installed."""
    for name in runtimes.installed(shared.runtimes):
        click.echo(name)
