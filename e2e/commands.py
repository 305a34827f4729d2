"""The commands that a user runs: `rdp` and the scripts."""

import os
import re
import signal
import subprocess
from collections.abc import Mapping

from rdp.checkout import ROOT

Finished = subprocess.CompletedProcess[str]


def rdp(
    *arguments: object, stdin: str | None = None, environment: Mapping[str, str] | None = None
) -> Finished:
    return _run(ROOT / ".venv" / "bin" / "rdp", *arguments, stdin=stdin, environment=environment)


def script(name: str, *arguments: object, stdin: str | None = None) -> Finished:
    """One of scripts/*.sh."""
    return _run(ROOT / "scripts" / f"{name}.sh", *arguments, stdin=stdin)


def make(*arguments: object) -> Finished:
    """A target of the Makefile."""
    return _run("make", "--directory", ROOT, *arguments, stdin=None)


def interrupted_rdp(*arguments: object, once: re.Pattern[str]) -> Finished:
    """The command gets Ctrl-C after a line on standard error that matches."""
    command = [str(ROOT / ".venv" / "bin" / "rdp"), *map(str, arguments)]
    with subprocess.Popen(  # noqa: S603 - a command of ours
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        # a shell starts background jobs with SIGINT ignored
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),  # noqa: PLW1509
    ) as process:
        assert process.stderr
        seen = ""
        while not once.search(seen) and (line := process.stderr.readline()):
            seen += line
        process.send_signal(signal.SIGINT)
        stdout, stderr = process.communicate(timeout=300)
    return subprocess.CompletedProcess(command, process.returncode, stdout, seen + stderr)


def _run(
    *command: object, stdin: str | None, environment: Mapping[str, str] | None = None
) -> Finished:
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
