"""`make up` checks what it needs before it installs or starts anything."""

from pathlib import Path

import pytest

from tests.scripts.checkout import PROCESS_ON_PORT, Checkout


@pytest.fixture
def checkout(tmp_path: Path) -> Checkout:
    checkout = Checkout(tmp_path / "check out.clone")
    # what the machine that runs the tests may lack
    for program in ("curl", "jq", "java", "terraform"):
        checkout.fake(program, ":")
    return checkout


def _up(checkout: Checkout, **settings: str) -> str:
    """What it says until it fails, with nothing installed."""
    finished = checkout.run("up.sh", **{"RUNTIME": "embedded"} | settings)
    assert finished.returncode == 1
    assert finished.stdout == ""
    assert not (checkout.path / ".local").exists()
    return finished.stderr


def test_all_missing_programs_are_named_at_once(checkout: Checkout) -> None:
    for program in ("curl", "jq", "java", "terraform"):
        checkout.lacks(program)

    said = _up(checkout)

    assert "  curl: install it: apt-get install curl (Debian), brew install curl (macOS)" in said
    assert "  jq: install it: apt-get install jq (Debian)" in said
    assert "  java: install it: apt-get install openjdk-17-jre-headless (Debian)" in said
    assert "  terraform: install 1.9 or later: https://developer.hashicorp.com/terraform" in said
    assert "python" not in said


def test_python_without_venv(checkout: Checkout) -> None:
    checkout.fake("python3", 'case "$*" in *ensurepip*) exit 1 ;; esac')

    assert "  python3-venv: install it: apt-get install python3-venv (Debian)" in _up(checkout)


def test_taken_port(checkout: Checkout) -> None:
    checkout.fake("ss", f"case $* in *:4566) {PROCESS_ON_PORT} ;; esac")

    assert "port 4566 is taken by python (pid 4242): stop it (`kill 4242`;" in _up(checkout)


@pytest.mark.parametrize(
    ("setting", "value", "allowed"),
    [
        ("PORT", "abc", "a number from 1 to 65535"),
        ("RUNTIME", "podman", "docker or embedded"),
        ("HOT_RELOAD", "yes", "1 or 0"),
    ],
)
def test_setting_that_cannot_be(checkout: Checkout, setting: str, value: str, allowed: str) -> None:
    said = _up(checkout, **{setting: value})

    assert f"{setting} is '{value}': it must be {allowed}" in said
