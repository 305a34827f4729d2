"""What takes long shows that it goes on, and ends with the command."""

import signal
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from localstack_serverless.command import progress
from localstack_serverless.command.errors import CommandError
from testing.target import wait_until

RUNS_FOR_LONG = """
from pathlib import Path
from localstack_serverless.command import progress
progress.run("what", ["sh", "-c", "sleep 60 & echo $! >pid; wait"], cwd=Path())
"""


def test_progress_is_shown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(progress, "EVERY_SECONDS", 0.3)
    progress.run("what", ["sleep", "1"], cwd=tmp_path)
    first, *waiting, last = capsys.readouterr().out.splitlines()
    assert (first, last) == ("  what ...", "ok what (1 s)")
    assert set(waiting) >= {"  what ... 0 s", "  what ... 1 s"}


def test_output_is_shown_of_what_fails(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match=r"what failed with exit status 3:\nout\nerr$"):
        progress.run("what", ["sh", "-c", "echo out; echo err >&2; exit 3"], cwd=tmp_path)


def test_interrupted_it_ends_the_whole_program(tmp_path: Path) -> None:
    command = ["/usr/bin/env", "--default-signal=INT", sys.executable, "-c", RUNS_FOR_LONG]
    with subprocess.Popen(command, cwd=tmp_path, stderr=subprocess.PIPE) as process:  # noqa: S603 - this test's
        pid = tmp_path / "pid"
        wait_until(lambda: pid.exists() and pid.read_text() != "")
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=10)
    wait_until(lambda: not psutil.pid_exists(int(pid.read_text())))
