"""A copy of the checkout's scripts, with fakes on its PATH for what a machine may lack."""

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
# a `docker` with everything in order, unless a line before it says otherwise
WELL = """
case "$1 $2" in
  "version --format") echo 28.2.2 ;;
  "compose version") echo 2.40.0 ;;
esac
"""
NO_DAEMON = 'echo "Cannot connect to the Docker daemon. Is the docker daemon running?" >&2; exit 1'
NO_COMPOSE = '[ "$1" != compose ] || exit 1' + WELL
NOTHING_ON_PORT = ":"
PROCESS_ON_PORT = 'echo "LISTEN 0 50 127.0.0.1:4566 0.0.0.0:* users:((\\"python\\",pid=4242,fd=3))"'

# A shell cannot trap a signal that is ignored where it starts, as SIGINT is in background jobs.
_WITH_SIGINT = (
    "import os, signal, sys;"
    "signal.signal(signal.SIGINT, signal.SIG_DFL);"
    "os.execv(sys.argv[1], sys.argv[1:])"
)


@dataclass
class Checkout:
    """It has no stack, and neither docker nor compose is on its PATH."""

    path: Path

    def __post_init__(self) -> None:
        shutil.copytree(ROOT / "scripts", self.path / "scripts")
        self._programs.mkdir()
        for folder in map(Path, os.environ["PATH"].split(os.pathsep)):
            for program in folder.glob("*"):
                link = self._programs / program.name
                if not program.name.startswith("docker") and not link.is_symlink():
                    link.symlink_to(program)
        self.fake("ss", NOTHING_ON_PORT)

    @property
    def _programs(self) -> Path:
        return self.path / "bin"

    def fake(self, program: str, script: str) -> None:
        self.lacks(program)
        self.write(f"bin/{program}", f"#!/bin/sh\n{script}\n").chmod(0o755)

    def lacks(self, program: str) -> None:
        (self._programs / program).unlink(missing_ok=True)

    def write(self, name: str, content: str) -> Path:
        path = self.path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)
        return path

    def run(
        self, script: str, *arguments: str, **settings: str
    ) -> subprocess.CompletedProcess[str]:
        """Run one of its scripts, with `settings` in the environment."""
        return self._run([str(self.path / "scripts" / script), *arguments], settings)

    def shell(self, commands: str, **settings: str) -> subprocess.CompletedProcess[str]:
        """Run commands in a shell that has sourced scripts/local.sh and scripts/machine.sh."""
        return self._run(["/bin/bash", "-c", self._sourced(commands)], settings)

    def _run(
        self, command: list[str], settings: dict[str, str]
    ) -> subprocess.CompletedProcess[str]:
        return subprocess.run(  # noqa: S603 - a script of ours
            command,
            cwd=self.path,
            env=self._environment(settings),
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )

    @contextmanager
    def background(self, *command: str, **settings: str) -> Iterator[subprocess.Popen[str]]:
        """Run a command in its own process group, which is killed at the end."""
        process = subprocess.Popen(  # noqa: S603 - a script of ours
            [sys.executable, "-c", _WITH_SIGINT, *command],
            cwd=self.path,
            env=self._environment(settings),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        with process:
            try:
                yield process
            finally:
                if process.poll() is None:
                    os.killpg(process.pid, signal.SIGKILL)

    def background_shell(self, commands: str) -> AbstractContextManager[subprocess.Popen[str]]:
        return self.background("/bin/bash", "-c", self._sourced(commands))

    def _sourced(self, commands: str) -> str:
        return f"set -euo pipefail; source scripts/local.sh; source scripts/machine.sh; {commands}"

    def _environment(self, settings: dict[str, str]) -> dict[str, str]:
        return {"PATH": str(self._programs), "HOME": str(self.path), **settings}
