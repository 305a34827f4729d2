"""`scripts/localstack.sh` starts, finds and ends the LocalStack of this checkout, and no other.

The emulator's command is not installed here: a fake takes its place, or the start fails there. How
the command starts, stops and kills LocalStack is for the emulator's own tests.
"""

import contextlib
import os
import re
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.scripts.checkout import NO_COMPOSE, PROCESS_ON_PORT, WELL, Checkout

STATE = ".local/volume/var/lib/localstack/state/serverless/messages.journal"
DESCRIBED = ".local/infra/localstack"
PORT_FILE = ".local/localstack.port"
PID_FILE = ".local/localstack.pid"
COMMAND = "emulator/.venv/bin/localstack-serverless"
RUNS = ["/bin/sh", "-c", "while :; do sleep 0.1; done"]


@pytest.fixture
def checkout(tmp_path: Path) -> Checkout:
    # a path that would match another one's, if it were a regular expression
    checkout = Checkout(tmp_path / "check out.clone")
    checkout.fake("docker", WELL)
    # whatever listens on this machine's port
    checkout.fake("curl", "exit 7")
    _install(checkout, "echo LocalStack fails to start; exit 1")
    return checkout


@pytest.fixture
def running(checkout: Checkout) -> Iterator[Checkout]:
    """An embedded LocalStack runs on port 4680 and answers."""
    checkout.fake("curl", ":")
    checkout.write(PORT_FILE, "4680")
    checkout.write(".local/localstack.runtime", "embedded")
    with _localstack_of(checkout) as process:
        checkout.write(PID_FILE, str(process.pid))
        yield checkout


@contextlib.contextmanager
def _localstack_of(checkout: Checkout) -> Iterator["subprocess.Popen[str]"]:
    """A process that has, as LocalStack does, its checkout in its environment."""
    volume = f"FILESYSTEM_ROOT={checkout.path}/.local/volume"
    with checkout.background("/usr/bin/env", volume, *RUNS) as process:
        _wait_until(lambda: volume in Path(f"/proc/{process.pid}/environ").read_text())
        yield process


def _install(checkout: Checkout, script: str) -> None:
    """Install a fake of the emulator's command."""
    checkout.write(COMMAND, f"#!/bin/sh\n{script}\n").chmod(0o755)


def _start(checkout: Checkout, **settings: str) -> str:
    """What it says until it fails."""
    finished = checkout.run("localstack.sh", "start", **settings)
    assert finished.returncode == 1
    return finished.stdout + finished.stderr


def _wait_until(probe: Callable[[], bool], seconds: float = 20) -> None:
    deadline = time.monotonic() + seconds
    while not probe():
        assert time.monotonic() < deadline, f"not within {seconds:g} s"
        time.sleep(0.02)


def test_stack_stays_where_it_ran(checkout: Checkout) -> None:
    checkout.write(DESCRIBED, "embedded id")
    state = checkout.write(STATE, "messages")

    assert "LocalStack fails to start" in _start(checkout)
    assert state.read_text() == "messages"


def test_killed_localstack_starts_as_it_ran(checkout: Checkout) -> None:
    checkout.write(".local/localstack.runtime", "embedded")
    checkout.write(DESCRIBED, "embedded id")
    state = checkout.write(STATE, "messages")

    _start(checkout)

    assert state.read_text() == "messages"


def test_stack_that_is_deleted_is_mentioned(checkout: Checkout) -> None:
    checkout.write(DESCRIBED, "embedded id")
    state = checkout.write(STATE, "messages")

    said = _start(checkout, RUNTIME="docker")

    assert "LocalStack ran embedded before: the stack that it kept is deleted" in said
    assert not state.exists()


@pytest.mark.parametrize(
    ("docker", "lack"),
    [
        (NO_COMPOSE, "Docker compose is missing: `make doctor`"),
        ("[ $1 = compose ]", "no Docker engine answers: `make doctor`"),
    ],
)
def test_what_a_container_needs_is_named(checkout: Checkout, docker: str, lack: str) -> None:
    checkout.fake("docker", docker)

    assert lack in _start(checkout, RUNTIME="docker")


def test_stack_in_a_container_is_kept_while_no_engine_answers(checkout: Checkout) -> None:
    described = checkout.write(DESCRIBED, "docker id")
    checkout.fake("docker", "[ $1 = compose ]")

    assert "no Docker engine answers" in _start(checkout)
    assert described.exists()


def test_port_is_kept_for_what_follows(checkout: Checkout) -> None:
    _install(checkout, "echo called with $*; exit 1")

    assert "start --detach --no-exports --port 4680" in _start(
        checkout, RUNTIME="embedded", PORT="4680"
    )
    # and without PORT it starts there again
    assert "start --detach --no-exports --port 4680" in _start(checkout, RUNTIME="embedded")


def test_services_of_the_project_are_loaded(checkout: Checkout) -> None:
    _install(checkout, "echo services: $SERVICES; exit 1")
    services = (checkout.path / "scripts/localstack.env").read_text()

    [said] = re.findall("services: (.*)", _start(checkout, RUNTIME="embedded"))

    assert f"SERVICES={said}\n" in services
    assert "sqs" in said.split(",")


def test_port_is_forgotten_with_the_stack(checkout: Checkout) -> None:
    port = checkout.write(PORT_FILE, "4680")
    checkout.write(DESCRIBED, "embedded id")

    checkout.run("localstack.sh", "stop")
    assert port.read_text() == "4680"

    checkout.run("localstack.sh", "stop", CLEAN="1")
    assert not port.exists()


@pytest.mark.parametrize("port", ["abc", "0", "65536", "-1", "4566x", "4566 4567"])
def test_port_that_cannot_be_is_refused(checkout: Checkout, port: str) -> None:
    assert f"PORT is '{port}': it must be a number from 1 to 65535" in _start(checkout, PORT=port)


def test_taken_port_comes_with_what_mends_it(checkout: Checkout) -> None:
    checkout.fake("ss", f"case $* in *:4566) {PROCESS_ON_PORT} ;; esac")

    said = _start(checkout, RUNTIME="embedded")

    assert "port 4566 is taken by python (pid 4242): stop it (`kill 4242`;" in said
    assert "or use another port (`PORT=4600 make up`)" in said


def test_port_for_root_only_is_refused_before_anything_is_installed(checkout: Checkout) -> None:
    first = int(Path("/proc/sys/net/ipv4/ip_unprivileged_port_start").read_text())
    if first < 2:
        pytest.skip("every user may listen on every port here")
    checkout.fake("id", "echo 1000")

    refused = checkout.run("localstack.sh", "check", RUNTIME="embedded", PORT=str(first - 1))
    container = checkout.run("localstack.sh", "check", RUNTIME="docker", PORT=str(first - 1))

    assert refused.returncode == 1
    assert f"port {first - 1} is for root only" in refused.stderr
    assert container.returncode == 0


def test_interrupted_stop_is_finished_before_the_next_start(running: Checkout) -> None:
    running.write(".local/localstack.stopping", "")
    _install(running, "echo $1 >>commands; rm -f .local/localstack.pid .local/localstack.stopping")

    assert running.run("localstack.sh", "check").returncode == 0

    assert (running.path / "commands").read_text() == "stop\n"


def test_localstack_on_another_port_must_be_stopped_first(running: Checkout) -> None:
    said = _start(running, PORT="4681")

    assert "LocalStack runs already, on port 4680: stop it first (`make down`)" in said


def test_status_without_curl_names_what_is_missing(running: Checkout) -> None:
    running.lacks("curl")

    refused = running.run("localstack.sh", "status")

    assert refused.returncode == 1
    assert "curl is missing" in refused.stderr
    assert refused.stdout == ""


@pytest.mark.parametrize("endpoint", ["x", "localhost:4566", "AWS", "aws2"])
def test_endpoint_that_cannot_be_is_refused(checkout: Checkout, endpoint: str) -> None:
    refused = checkout.run("conformance.sh", ENDPOINT=endpoint)

    assert refused.returncode == 1
    assert f"ENDPOINT is '{endpoint}': it must be aws or a URL" in refused.stderr


def test_localstack_that_runs_is_left_alone(running: Checkout) -> None:
    started = running.run("localstack.sh", "start")
    status = running.run("localstack.sh", "status")

    assert started.stdout == "ok LocalStack runs already (embedded, port 4680)\n"
    assert status.stdout == "LocalStack: running, embedded, http://localhost:4680\n"


def test_localstack_that_does_not_answer_is_not_started_again(running: Checkout) -> None:
    running.fake("curl", "exit 7")

    assert "LocalStack runs already, but does not answer on port 4680" in _start(running)


def test_process_id_of_another_checkouts_localstack_is_not_ours(running: Checkout) -> None:
    pid = running.path / PID_FILE
    ours = pid.read_text()
    # its path would match ours, if ours were a regular expression
    other = Checkout(running.path.parent / "check out-clone")
    with _localstack_of(other) as theirs:
        pid.write_text(str(theirs.pid))
        assert running.run("localstack.sh", "status").returncode == 1

        pid.write_text(ours)
        assert running.run("localstack.sh", "status").returncode == 0


def test_ctrl_c_ends_a_localstack_that_starts_at_once(checkout: Checkout) -> None:
    _install(
        checkout, "trap 'echo ended; exit 130' INT; touch started; while :; do sleep 0.1; done"
    )
    started = checkout.path / "started"
    start = str(checkout.path / "scripts/localstack.sh")
    with checkout.background(start, "start", RUNTIME="embedded", PORT="4680") as process:
        _wait_until(started.exists)
        os.killpg(process.pid, signal.SIGINT)
        said, _ = process.communicate(timeout=20)

    assert process.returncode == 130
    assert "ended\n" in said
    assert "interrupted: LocalStack was starting, and is stopped" in said
    assert list((checkout.path / ".local").iterdir()) == []


def test_ctrl_c_ends_a_container_that_starts_at_once(checkout: Checkout) -> None:
    calls = checkout.path / "calls"
    container = 'case "$1 $2" in "compose ps") echo id ;; inspect*) echo true ;; esac'
    checkout.fake("docker", f"echo $* >>calls; {container}")
    start = str(checkout.path / "scripts/localstack.sh")
    with checkout.background(start, "start", RUNTIME="docker") as process:
        _wait_until(lambda: calls.exists() and "inspect" in calls.read_text())
        os.killpg(process.pid, signal.SIGINT)
        said, _ = process.communicate(timeout=20)

    assert process.returncode == 130
    assert "interrupted: LocalStack was starting, and is stopped" in said
    *_, killed, removed = calls.read_text().splitlines()
    assert (killed, removed) == ("compose kill -s KILL", "compose down --remove-orphans")
    assert not (checkout.path / ".local/localstack.runtime").exists()


def test_logs_before_the_first_start(checkout: Checkout) -> None:
    logs = checkout.run("localstack.sh", "logs")

    assert logs.returncode == 1
    assert "LocalStack has no log yet: start it with `make up`" in logs.stderr


def test_environment_for_tflocal_and_the_aws_cli(checkout: Checkout) -> None:
    checkout.write(PORT_FILE, "4680")

    printed = checkout.run("localstack.sh", "env").stdout
    shell = subprocess.run(  # noqa: S603 - what it printed itself
        ["/bin/sh", "-c", f"{printed} echo $AWS_ENDPOINT_URL ${{AWS_PROFILE-none}}"],
        env={"AWS_PROFILE": "work", "AWS_ENDPOINT_URL": "http://localhost:4566"},
        capture_output=True,
        text=True,
        check=True,
    )

    assert shell.stdout == "http://localhost:4680 none\n"
