"""`make doctor` tells apart what keeps LocalStack's container from running, with what mends it."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
# a `docker` for which all is well but what stands before it
WELL = """
case "$1 $2" in
  "version --format") echo 28.2.2 ;;
  "compose version") echo 2.40.0 ;;
esac
"""
NO_DAEMON = 'echo "Cannot connect to the Docker daemon. Is the docker daemon running?" >&2; exit 1'
NOT_FOR_YOU = 'echo "permission denied while trying to connect to the Docker daemon" >&2; exit 1'
NO_COMPOSE = '[ "$1" != compose ] || exit 1' + WELL
NO_IMAGE = '[ "$1" != image ] || exit 1' + WELL
NO_REGISTRY = '[ "$1" != manifest ] || exit 1;' + NO_IMAGE
CONTAINER_ON_PORT = '[ "$1" != ps ] || echo "container neighbour"' + WELL
PROCESS_ON_PORT = 'echo "LISTEN 0 50 127.0.0.1:4566 0.0.0.0:* users:((\\"python\\",pid=4242,fd=3))"'
HIDDEN_PROCESS_ON_PORT = 'echo "LISTEN 0 50 127.0.0.1:4566 0.0.0.0:*"'
NOTHING_ON_PORT = ":"


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """Without a stack of its own, and with a PATH that has neither docker nor compose."""
    shutil.copytree(ROOT / "scripts", tmp_path / "scripts")
    (tmp_path / "bin").mkdir()
    for folder in map(Path, os.environ["PATH"].split(os.pathsep)):
        for program in folder.glob("*"):
            link = tmp_path / "bin" / program.name
            if not program.name.startswith("docker") and not link.is_symlink():
                link.symlink_to(program)
    _fake(tmp_path, "ss", NOTHING_ON_PORT)
    # not what is asked about here, and slow
    _fake(tmp_path, "terraform", """echo '{"terraform_version": "1.11.4"}'""")
    for slow in ("java", "python3.11", "python3.13"):
        _fake(tmp_path, slow, ":")
    return tmp_path


def _fake(checkout: Path, program: str, script: str) -> None:
    path = checkout / "bin" / program
    path.unlink(missing_ok=True)
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)


def _line(checkout: Path, about: str, runtime: str = "docker") -> str:
    """What the doctor says of it."""
    finished = subprocess.run(  # noqa: S603 - a script of ours
        [checkout / "scripts" / "doctor.sh"],
        env={"PATH": str(checkout / "bin"), "HOME": str(checkout), "RUNTIME": runtime},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    [line] = [line for line in finished.stdout.splitlines() if line[9:].startswith(about)]
    return line


def test_no_client(checkout: Path) -> None:
    line = _line(checkout, "docker")

    assert line.startswith("missing")
    assert "apt-get install docker.io" in line


@pytest.mark.parametrize(
    ("docker", "about", "verdict", "command"),
    [
        (WELL, "docker", "ok", "28.2.2"),
        (NO_DAEMON, "docker", "missing", "sudo systemctl start docker"),
        (NOT_FOR_YOU, "docker", "missing", "sudo usermod -aG docker"),
        (WELL, "compose", "ok", "2.40.0"),
        (NO_COMPOSE, "compose", "missing", "apt-get install docker-compose-plugin"),
        (WELL, "image", "ok", "robust-data-processor/localstack"),
        (NO_IMAGE, "image", "note", "`make up` pulls localstack/localstack:4.14.0"),
        (NO_REGISTRY, "image", "missing", "docker pull localstack/localstack:4.14.0"),
        (CONTAINER_ON_PORT, "port 4566", "missing", "docker stop neighbour"),
        (WELL, "port 4566", "ok", "free"),
    ],
)
def test_each_lack_has_its_command(
    checkout: Path, docker: str, about: str, verdict: str, command: str
) -> None:
    _fake(checkout, "docker", docker)

    line = _line(checkout, about)

    assert line.split()[0] == verdict
    assert command in line


@pytest.mark.parametrize(
    ("ss", "owner"),
    [
        (PROCESS_ON_PORT, "taken by python (pid 4242): "),
        (HIDDEN_PROCESS_ON_PORT, "taken by a process of another user: sudo ss"),
    ],
)
def test_process_on_the_port_is_named(checkout: Path, ss: str, owner: str) -> None:
    _fake(checkout, "ss", ss)

    assert owner in _line(checkout, "port 4566")


def test_why_not_docker_is_a_note_where_it_is_not_asked_for(checkout: Path) -> None:
    _fake(checkout, "docker", NO_DAEMON)

    line = _line(checkout, "docker", runtime="")

    assert line.startswith("note")
    assert "no engine answers" in line


def test_compose_v1_will_do(checkout: Path) -> None:
    _fake(checkout, "docker", NO_COMPOSE)
    _fake(checkout, "docker-compose", "echo 1.29.2")

    assert _line(checkout, "compose").split() == ["ok", "compose", "1.29.2"]
