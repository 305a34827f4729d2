"""A copy of the checkout's scripts, whose PATH holds fakes of what the machine may lack."""

import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
# a `docker` for which all is well but what stands before it
WELL = """
case "$1 $2" in
  "version --format") echo 28.2.2 ;;
  "compose version") echo 2.40.0 ;;
esac
"""
NO_DAEMON = 'echo "Cannot connect to the Docker daemon. Is the docker daemon running?" >&2; exit 1'
NO_COMPOSE = '[ "$1" != compose ] || exit 1' + WELL
NOTHING_ON_PORT = ":"


@dataclass
class Checkout:
    """Without a stack of its own, and with a PATH that has neither docker nor compose."""

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
        path = self._programs / program
        path.write_text(f"#!/bin/sh\n{script}\n")
        path.chmod(0o755)

    def lacks(self, program: str) -> None:
        (self._programs / program).unlink(missing_ok=True)

    def write(self, name: str, content: str) -> Path:
        path = self.path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)
        return path

    def run(self, script: str, *arguments: str, runtime: str) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(  # noqa: S603 - a script of ours
            [self.path / "scripts" / script, *arguments],
            env={"PATH": str(self._programs), "HOME": str(self.path), "RUNTIME": runtime},
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
