"""The command's own LocalStack: started, refused, interrupted, killed and stopped for real."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import IO

import pytest

from localstack_serverless.command import processes, runtimes
from localstack_serverless.command.instance import Instance
from testing.plugin import RUNTIME
from testing.target import wait_until

from .own_localstack import SHARED

PROGRAM = Path(sys.executable).with_name("localstack-serverless")
SERVICES = "apigatewayv2,iam,lambda,logs,s3,sqs,sts"
# what Ctrl-C is to take at most, also on a busy machine
INTERRUPT_SECONDS = 10


class Command:
    """`localstack-serverless` with one state folder and a free port."""

    def __init__(self, folder: Path) -> None:
        self.instance = Instance(folder)
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = free.getsockname()[1]

    def start(
        self, *options: str, output: int | IO[str] = subprocess.PIPE
    ) -> subprocess.Popen[str]:
        # whoever runs the tests may ignore what Ctrl-C sends
        return subprocess.Popen(  # noqa: S603 - this package's
            ["/usr/bin/env", "--default-signal=INT", *self._line("start", *options)],
            env=self._env,
            stdout=output,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def started(self) -> str:
        return self.run("start", "--detach", "--port", str(self.port), "--services", SERVICES)

    def run(self, *arguments: str, status: int = 0) -> str:
        """What the command writes."""
        done = subprocess.run(  # noqa: S603 - this package's
            self._line(*arguments), env=self._env, capture_output=True, check=False, text=True
        )
        assert done.returncode == status, done.stdout + done.stderr
        return done.stdout + done.stderr

    def _line(self, name: str, *options: str) -> list[str]:
        return [str(PROGRAM), name, "--state", str(self.instance.folder), *options]

    @property
    def _env(self) -> dict[str, str]:
        return os.environ | {
            "LAMBDA_RUNTIMES_DIR": str(SHARED.runtimes),
            "LOCALSTACK_SERVERLESS_LIBRARIES": str(SHARED.libraries),
        }


@pytest.fixture
def command(tmp_path: Path) -> Iterator[Command]:
    if RUNTIME not in runtimes.installed(SHARED.runtimes):
        pytest.skip(f"no {RUNTIME}: `localstack-serverless runtime install {RUNTIME}` installs it")
    command = Command(tmp_path)
    try:
        yield command
    finally:
        if pid := command.instance.pid():
            command.instance.kill(pid)


def test_instance_from_start_to_stop(command: Command) -> None:
    output = command.started()
    assert f"export AWS_ENDPOINT_URL=http://localhost:{command.port}" in output
    pid = int((command.instance.folder / "localstack.pid").read_text())
    assert (command.instance.folder / "localstack.port").read_text() == str(command.port)
    assert f"http://localhost:{command.port} (pid {pid})" in command.run("status")
    assert "Ready." in command.run("logs")

    assert "runs already" in command.run("start", "--detach")
    refused = command.run("start", "--detach", "--port", "4610", status=1)
    assert f"`localstack-serverless stop --state {command.instance.folder}`" in refused

    assert command.run("stop").endswith("ok LocalStack stopped\n")
    assert processes.session(pid) == []
    command.run("status", status=1)


def test_killed_instance_starts_again_where_it_was(command: Command) -> None:
    command.started()
    state = command.instance.state()["id"]
    command.run("kill")
    assert command.instance.pid() is None
    command.run("start", "--detach", "--services", SERVICES)
    assert command.instance.port() == command.port
    assert command.instance.state()["id"] == state


@pytest.mark.parametrize("options", [("--detach",), ()])
def test_interrupted_start_leaves_nothing(command: Command, options: tuple[str, ...]) -> None:
    process = command.start(*options, "--port", str(command.port), "--services", SERVICES)
    wait_until(lambda: command.instance.pid() is not None, seconds=60)
    pid = command.instance.pid()
    assert pid
    process.send_signal(signal.SIGINT)
    output, _ = process.communicate(timeout=INTERRUPT_SECONDS)
    assert (process.returncode, output.splitlines()[-1]) == (130, "interrupted")
    assert processes.session(pid) == []
    assert not command.instance.pid_file.exists()


def test_interrupted_just_when_it_is_ready_it_stops(command: Command) -> None:
    process = command.start("--port", str(command.port), "--services", SERVICES)
    wait_until(command.instance.ready_file.exists, seconds=90)
    process.send_signal(signal.SIGINT)
    output, _ = process.communicate(timeout=60)
    assert (process.returncode, output.splitlines()[-1]) == (130, "interrupted")
    assert command.instance.pid() is None


@pytest.mark.parametrize("by", [signal.SIGINT, signal.SIGTERM])
def test_ended_in_the_foreground_it_stops(
    command: Command, by: signal.Signals, tmp_path: Path
) -> None:
    shown = tmp_path / "shown"
    with shown.open("w") as file:
        process = command.start("--port", str(command.port), "--services", SERVICES, output=file)
    # the last line that LocalStack logs while it starts
    wait_until(lambda: "Ready." in shown.read_text(), seconds=90)
    process.send_signal(by)
    process.wait(timeout=60)
    output = shown.read_text()
    assert (process.returncode, output.splitlines()[-1]) == (130, "interrupted")
    assert "Exception" not in output
    assert command.instance.pid() is None


def test_log_is_shown_in_the_foreground(command: Command) -> None:
    process = command.start("--port", str(command.port), "--services", SERVICES)
    assert process.stdout
    wait_until(lambda: process.stdout and process.stdout.readline() == "Ready.\n", seconds=90)
    command.run("stop")
    output, _ = process.communicate(timeout=60)
    assert process.returncode == 0
    assert "received signal 15" in output


def test_two_instances_run_side_by_side(command: Command, tmp_path: Path) -> None:
    other = Command(tmp_path / "other")
    command.started()
    try:
        other.started()
        command.run("stop")
        assert f"http://localhost:{other.port}" in other.run("status")
    finally:
        other.run("stop")
