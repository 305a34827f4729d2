"""What instances share, so that each is installed once: functions' runtimes and DynamoDB Local."""

import contextlib
import fcntl
import hashlib
import os
import re
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from .errors import PROGRAM, CommandError
from .progress import Progress, run

DEFAULT_RUNTIME = "python3.11"
# the project of a runtime: awslambdaric and boto3, locked
RUNTIME_PROJECT = Path(__file__).parents[1] / "function_runtime"
# in a runtime's folder once it is complete: which lock it was made from
STAMP = ".localstack-serverless"


@dataclass(frozen=True)
class Shared:
    """:param runtimes: LocalStack's LAMBDA_RUNTIMES_DIR
    :param libraries: what LocalStack itself installs"""

    runtimes: Path
    libraries: Path

    @contextlib.contextmanager
    def lock(self) -> Iterator[None]:
        """Only one command at a time installs; others wait."""
        self.runtimes.mkdir(parents=True, exist_ok=True)
        progress = Progress("waiting for another command, which installs")
        with (self.runtimes / ".lock").open("w") as file:
            while True:
                with contextlib.suppress(BlockingIOError):
                    fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    break
                progress.wait()
            yield


def installed(runtimes: Path) -> list[str]:
    """The runtimes that functions can use."""
    return sorted(path.parents[1].name for path in runtimes.glob("python3.*/bin/python"))


def check(runtime: str) -> str:
    """:raises CommandError: functions cannot run on it here"""
    if not re.fullmatch(r"python3\.\d+", runtime):
        raise CommandError(
            f"runtime '{runtime}' cannot be installed, only Python's can, such as"
            f" `{PROGRAM} runtime install {DEFAULT_RUNTIME}`"
        )
    return runtime


def install(shared: Shared, runtime: str) -> None:
    """Make a runtime, or what has changed of it since; does nothing where it is complete.

    :raises CommandError: it cannot be installed
    """
    folder = shared.runtimes / check(runtime)
    lock = hashlib.sha256((RUNTIME_PROJECT / "uv.lock").read_bytes()).hexdigest()
    with shared.lock():
        if _content(folder / STAMP) == lock and (folder / "bin" / "python").exists():
            return
        uv = find_uv()
        # uv wants to write beside the lock, which may be another user's
        with tempfile.TemporaryDirectory(dir=shared.runtimes) as project:
            shutil.copytree(RUNTIME_PROJECT, project, dirs_exist_ok=True)
            command = [uv, "sync", "--frozen", "--compile-bytecode", "--no-progress"]
            run(
                f"function runtime {runtime}, with awslambdaric and boto3",
                [*command, "--python", runtime.removeprefix("python")],
                cwd=Path(project),
                env=_environment_of_uv(folder),
            )
        (folder / STAMP).write_text(lock)


def find_uv() -> str:
    """:raises CommandError: it is not installed"""
    try:
        from uv import find_uv_bin  # noqa: PLC0415 - an image may lack it

        return find_uv_bin()
    except (ImportError, FileNotFoundError):
        uv = shutil.which("uv")
    if not uv:
        raise CommandError("uv is missing, which installs functions' runtimes: `pip install uv`")
    return uv


def _environment_of_uv(folder: Path) -> dict[str, str]:
    env = {name: value for name, value in os.environ.items() if name != "VIRTUAL_ENV"}
    return env | {"UV_PROJECT_ENVIRONMENT": str(folder)}


def _content(file: Path) -> str:
    try:
        return file.read_text()
    except OSError:
        return ""
