"""The commands that a user runs: `rdp` and the scripts."""

import os
import subprocess
from collections.abc import Mapping

from rdp.checkout import ROOT


def rdp(
    *arguments: object, stdin: str | None = None, environment: Mapping[str, str] | None = None
) -> "subprocess.CompletedProcess[str]":
    return _run(ROOT / ".venv" / "bin" / "rdp", *arguments, stdin=stdin, environment=environment)


def script(
    name: str, *arguments: object, stdin: str | None = None
) -> "subprocess.CompletedProcess[str]":
    """One of scripts/*.sh."""
    return _run(ROOT / "scripts" / f"{name}.sh", *arguments, stdin=stdin)


def _run(
    *command: object, stdin: str | None, environment: Mapping[str, str] | None = None
) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(  # noqa: S603 - commands of ours
        [str(part) for part in command],
        # never a terminal: nobody answers a question
        input=stdin or "",
        env={**os.environ, **(environment or {})},
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
