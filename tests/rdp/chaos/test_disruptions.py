"""What is broken by a script: its failure is the stack's, not the harness's."""

from pathlib import Path

import pytest

from rdp.chaos import disruptions
from rdp.chaos.disruptions import heal_container
from rdp.stack import StackError


@pytest.fixture
def script(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Takes the place of scripts/localstack.sh, in a container; notes its arguments."""
    path = tmp_path / "localstack.sh"
    monkeypatch.setattr(disruptions, "LOCALSTACK_SCRIPT", path)
    monkeypatch.setattr(disruptions, "runs_in_container", lambda: True)
    return path


def _write(script: Path, status: int) -> None:
    script.write_text(f'#!/bin/sh\necho "$@" >"{script}.called"\nexit {status}\n')
    script.chmod(0o755)


def test_container_is_healed_by_the_script(script: Path) -> None:
    _write(script, 0)

    heal_container()

    assert Path(f"{script}.called").read_text() == "heal\n"


def test_script_that_fails_is_an_error_that_names_it(script: Path) -> None:
    _write(script, 3)

    with pytest.raises(StackError, match=r"`scripts/localstack\.sh heal` failed \(status 3\)"):
        heal_container()


def test_nothing_is_healed_without_a_container(
    script: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(disruptions, "runs_in_container", lambda: False)

    heal_container()

    assert not Path(f"{script}.called").exists()
