"""Processes that look like LocalStack or DynamoDB Local, and do nothing."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from localstack_serverless.command.instance import Instance

SLEEPS = "print(flush=True)\nimport time\ntime.sleep(60)\n"


@contextmanager
def localstack(instance: Instance, code: str = SLEEPS) -> Iterator[subprocess.Popen[bytes]]:
    """Runs `-m localstack.runtime.main` from the instance's folder, without LocalStack.

    :param code: writes a line to stdout when it has begun
    """
    module = instance.folder / "code" / "localstack" / "runtime"
    module.mkdir(parents=True, exist_ok=True)
    # without these, the module of the installed LocalStack would be found first
    module.parent.joinpath("__init__.py").touch()
    module.joinpath("__init__.py").touch()
    module.joinpath("main.py").write_text(code)
    with started(
        [sys.executable, "-m", "localstack.runtime.main"],
        cwd=module.parents[1],
        env={"FILESYSTEM_ROOT": str(instance.volume)},
    ) as process:
        instance.pid_file.write_text(str(process.pid))
        yield process


@contextmanager
def jar(path: Path) -> Iterator[subprocess.Popen[bytes]]:
    with started([sys.executable, "-c", SLEEPS, "-Xmx1g", "-jar", str(path), "-port", "1"]) as java:
        yield java


@contextmanager
def started(
    command: list[str], cwd: Path | None = None, env: dict[str, str] | None = None
) -> Iterator[subprocess.Popen[bytes]]:
    with subprocess.Popen(  # noqa: S603 - this interpreter
        command, cwd=cwd, env=env, stdout=subprocess.PIPE, start_new_session=True
    ) as process:
        try:
            assert process.stdout
            process.stdout.readline()
            yield process
        finally:
            process.kill()
