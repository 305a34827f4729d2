"""`localstack-serverless start`: from an empty folder to a LocalStack that is ready."""

import os
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import click

from .. import settings
from . import dynamodb, log_file, ports, runtimes
from .errors import CommandError
from .instance import DEFAULT_PORT, Instance
from .processes import FOLDER_VARIABLE, LOCALSTACK_MODULE
from .progress import Progress
from .runtimes import Shared

READY_SECONDS = 90
# whatever the user's shell says of AWS and of Python is for other programs
FOREIGN_VARIABLES = ("AWS_", "PYTHON")


@dataclass(frozen=True)
class Options:
    """:param port: None for the instance's last one
    :param services: None for all, each loaded when it is first called
    :param log_level: None for that of settings.env"""

    port: int | None
    services: str | None
    runtimes: tuple[str, ...]
    log_level: str | None
    persist: bool


def start(instance: Instance, shared: Shared, options: Options) -> subprocess.Popen[bytes] | None:
    """Returns LocalStack's process once it is ready; None where it ran already.

    :raises CommandError: what the user can mend; nothing is left running
    """
    if sys.platform != "linux":
        raise CommandError(
            "LocalStack runs as a process on Linux only: here, use a container or a virtual machine"
        )
    with instance.lock():
        if (pid := instance.pid()) and instance.stopping_file.exists():
            # a `stop` was interrupted: LocalStack answers for a moment yet, and ends
            instance.stop(pid)
        if instance.pid():
            _check_port_of_running(instance, options.port)
            return None
        port = options.port or instance.port() or DEFAULT_PORT
        ports.require_free(port)
        prepare(instance, shared, options)
        instance.port_file.write_text(str(port))
        process = _launch(instance, environment(instance, shared, port, options))
        try:
            _wait_until_ready(instance, process)
        except BaseException:
            # until it is ready it has served nothing, so nothing can be lost
            end = instance.stop if instance.ready_file.exists() else instance.kill
            end(process.pid)
            raise
        return process


def _check_port_of_running(instance: Instance, port: int | None) -> None:
    if port and port != instance.port():
        raise CommandError(
            f"LocalStack runs already, on port {instance.port()}: stop it first, with"
            f" `{instance.command('stop')}`"
        )


def prepare(instance: Instance, shared: Shared, options: Options) -> None:
    """Make the folder, and install what is missing."""
    # where the last LocalStack was killed: its DynamoDB Local would hold the database
    instance.clean_up()
    instance.temporary.mkdir(parents=True, exist_ok=True)
    link_libraries(instance, shared.libraries)
    for runtime in options.runtimes:
        runtimes.install(shared, runtime)
    if options.services is None or "dynamodb" in options.services.split(","):
        dynamodb.install(shared, instance)


def link_libraries(instance: Instance, libraries: Path) -> None:
    """Make LocalStack, which looks below its own folder, find what instances share."""
    libraries.mkdir(parents=True, exist_ok=True)
    link = instance.libraries
    link.parent.mkdir(parents=True, exist_ok=True)
    if link.resolve() == libraries.resolve():
        return
    if link.is_symlink():
        link.unlink()
    elif link.exists():
        try:
            link.rmdir()
        except OSError:
            raise CommandError(
                f"{link} has files, and is to become a link to {libraries}: remove it with"
                f" `rm -r {link}`"
            ) from None
    link.symlink_to(libraries.resolve())


def environment(instance: Instance, shared: Shared, port: int, options: Options) -> dict[str, str]:
    """The environment of the LocalStack process: the user's own settings come before settings.env,
    and the options before both."""
    users = {
        name: value for name, value in os.environ.items() if not name.startswith(FOREIGN_VARIABLES)
    }
    chosen = {
        # LocalStack believes on some machines that it is in a container, and would write to
        # system folders
        "OVERRIDE_IN_DOCKER": "0",
        FOLDER_VARIABLE: str(instance.volume),
        "TMPDIR": str(instance.temporary),
        # of the plugins that plux finds; the user's own may not be writable
        "XDG_CACHE_HOME": str(instance.volume / "cache"),
        "GATEWAY_LISTEN": f"{ports.ADDRESS}:{port}",
        "LOCALSTACK_HOST": f"localhost:{port}",
        "LAMBDA_RUNTIMES_DIR": str(shared.runtimes),
        "PERSISTENCE": str(int(options.persist)),
    }
    if options.log_level:
        chosen["LS_LOG"] = options.log_level
    if options.services:
        chosen |= {"SERVICES": options.services, "EAGER_SERVICE_LOADING": "1"}
    return settings.read() | users | chosen


def _launch(instance: Instance, env: dict[str, str]) -> subprocess.Popen[bytes]:
    with log_file.new(instance.log) as log:
        process = subprocess.Popen(  # noqa: S603 - this interpreter
            [sys.executable, "-m", LOCALSTACK_MODULE],
            cwd=instance.folder,
            env=env,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    instance.pid_file.write_text(str(process.pid))
    return process


def _wait_until_ready(instance: Instance, process: subprocess.Popen[bytes]) -> None:
    progress = Progress("LocalStack")
    while not instance.is_ready():
        if process.poll() is not None:
            click.echo("".join(log_file.last_lines(instance.log, 20)), err=True, nl=False)
            raise CommandError("LocalStack ended while it started; the end of its log stands above")
        if progress.seconds > READY_SECONDS:
            raise CommandError(
                f"LocalStack is not ready after {READY_SECONDS} s: see `{instance.command('logs')}`"
            )
        progress.wait()
    progress.done()
    if refused := instance.state().get("refused"):
        click.echo(f"  what the last run kept is not used, as it was refused: {refused}")
    instance.ready_file.touch()


def exports(instance: Instance) -> Iterable[str]:
    """Shell commands after which AWS's tools, SDKs and tflocal use the instance."""
    yield f"export AWS_ENDPOINT_URL={instance.endpoint}"
    yield "export AWS_ACCESS_KEY_ID=test AWS_SECRET_ACCESS_KEY=test AWS_DEFAULT_REGION=us-east-1"
    # tflocal's own setting: names below localhost.localstack.cloud need a name server
    yield "export S3_HOSTNAME=localhost"
