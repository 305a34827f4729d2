"""`scripts/localstack.sh start` keeps what is kept, and says what it needs.

LocalStack itself is not there: each start ends where it would run.
"""

from pathlib import Path

import pytest

from tests.checkout import NO_COMPOSE, WELL, Checkout

STATE = ".local/volume/var/lib/localstack/state/serverless/messages.journal"
DESCRIBED = ".local/infra/localstack"


@pytest.fixture
def checkout(tmp_path: Path) -> Checkout:
    checkout = Checkout(tmp_path)
    checkout.fake("docker", WELL)
    # whatever listens on this machine's port
    checkout.fake("curl", "exit 7")
    return checkout


def _start(checkout: Checkout, runtime: str = "") -> str:
    """What it says."""
    finished = checkout.run("localstack.sh", "start", runtime=runtime)
    assert finished.returncode == 1
    return finished.stdout + finished.stderr


def test_stack_stays_where_it_ran(checkout: Checkout) -> None:
    checkout.write(DESCRIBED, "embedded id")
    state = checkout.write(STATE, "messages")

    assert "LocalStack ended while it started" in _start(checkout)
    assert state.read_text() == "messages"


def test_killed_localstack_starts_as_it_ran(checkout: Checkout) -> None:
    checkout.write(".local/localstack.runtime", "embedded")
    checkout.write(DESCRIBED, "embedded id")
    state = checkout.write(STATE, "messages")

    _start(checkout)

    assert state.read_text() == "messages"


def test_stack_that_is_left_behind_is_told_of(checkout: Checkout) -> None:
    checkout.write(DESCRIBED, "embedded id")
    state = checkout.write(STATE, "messages")

    said = _start(checkout, "docker")

    assert "what the LocalStack that ran embedded kept is forgotten" in said
    assert not state.exists()


@pytest.mark.parametrize(
    ("docker", "lack"),
    [
        (NO_COMPOSE, "Docker compose is missing: `make doctor`"),
        ("[ $1 = compose ]", "no Docker engine answers: `make doctor`"),
    ],
)
def test_what_a_container_needs_is_told(checkout: Checkout, docker: str, lack: str) -> None:
    checkout.fake("docker", docker)

    assert lack in _start(checkout, "docker")


def test_stack_in_a_container_is_kept_while_no_engine_answers(checkout: Checkout) -> None:
    described = checkout.write(DESCRIBED, "docker id")
    checkout.fake("docker", "[ $1 = compose ]")

    assert "no Docker engine answers" in _start(checkout)
    assert described.exists()
