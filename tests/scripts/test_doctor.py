"""`make doctor` says what keeps LocalStack from running, and the command that mends it."""

from pathlib import Path

import pytest

from tests.scripts.checkout import NO_COMPOSE, NO_DAEMON, PROCESS_ON_PORT, WELL, Checkout

NOT_FOR_YOU = 'echo "permission denied while trying to connect to the Docker daemon" >&2; exit 1'
NO_IMAGE = '[ "$1" != image ] || exit 1' + WELL
NO_REGISTRY = '[ "$1" != manifest ] || exit 1;' + NO_IMAGE
CONTAINER_ON_PORT = '[ "$1" != ps ] || echo "container neighbour"' + WELL
HIDDEN_PROCESS_ON_PORT = 'echo "LISTEN 0 50 127.0.0.1:4566 0.0.0.0:*"'


@pytest.fixture
def checkout(tmp_path: Path) -> Checkout:
    checkout = Checkout(tmp_path)
    # the real ones are slow, and not under test
    checkout.fake("terraform", "echo Terraform v1.11.4")
    for slow in ("java", "python3.11", "python3.13"):
        checkout.fake(slow, ":")
    return checkout


def _line(checkout: Checkout, about: str, runtime: str = "docker", **settings: str) -> str:
    """What the doctor says about it."""
    finished = checkout.run("doctor.sh", RUNTIME=runtime, **settings)
    [line] = [line for line in finished.stdout.splitlines() if line[9:].startswith(about)]
    return line


def test_no_client(checkout: Checkout) -> None:
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
def test_what_is_missing_comes_with_its_command(
    checkout: Checkout, docker: str, about: str, verdict: str, command: str
) -> None:
    checkout.fake("docker", docker)

    line = _line(checkout, about)

    assert line.split()[0] == verdict
    assert command in line


def test_port_that_was_chosen_is_checked(checkout: Checkout) -> None:
    checkout.fake("ss", "case $* in *:4680) echo LISTEN 127.0.0.1:4680 ;; esac")

    assert _line(checkout, "port 4680", PORT="4680").split()[0] == "missing"
    assert _line(checkout, "port 4566").split()[0] == "ok"


def test_port_that_cannot_be_is_refused(checkout: Checkout) -> None:
    finished = checkout.run("doctor.sh", RUNTIME="docker", PORT="70000")

    assert finished.returncode == 1
    assert "PORT is '70000': it must be a number from 1 to 65535" in finished.stderr


@pytest.mark.parametrize(
    ("ss", "owner"),
    [
        (PROCESS_ON_PORT, "taken by python (pid 4242): "),
        (HIDDEN_PROCESS_ON_PORT, "taken by a process of another user: find it (`sudo ss"),
    ],
)
def test_process_on_the_port_is_named(checkout: Checkout, ss: str, owner: str) -> None:
    checkout.fake("ss", ss)

    assert owner in _line(checkout, "port 4566")


def test_lack_of_docker_is_a_note_unless_docker_is_asked_for(checkout: Checkout) -> None:
    checkout.fake("docker", NO_DAEMON)

    line = _line(checkout, "docker", runtime="")

    assert line.startswith("note")
    assert "no engine answers" in line


def test_compose_v1_will_do(checkout: Checkout) -> None:
    checkout.fake("docker", NO_COMPOSE)
    checkout.fake("docker-compose", "echo 1.29.2")

    assert _line(checkout, "compose").split() == ["ok", "compose", "1.29.2"]


def test_without_jq_the_rest_is_checked_too(checkout: Checkout) -> None:
    checkout.fake("docker", WELL)
    checkout.lacks("jq")

    assert _line(checkout, "jq").split()[0] == "missing"
    assert _line(checkout, "terraform").split() == ["ok", "terraform", "1.11.4"]
    assert _line(checkout, "port 4566").split()[0] == "ok"


def test_embedded_localstack_needs_linux(checkout: Checkout) -> None:
    checkout.fake("uname", "echo Darwin")

    assert "start a Docker engine" in _line(checkout, "runtime", runtime="embedded")
