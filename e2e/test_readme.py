"""What README.md shows of the API and of `rdp` is what they answer."""

import os
import re
import subprocess
import uuid

import pytest

from rdp.checkout import ROOT
from rdp.stack import Stack
from rdp.waiting import wait_until

_README = (ROOT / "README.md").read_text()
_REQUESTS = re.findall(r'^\$ (curl "\$api/ingest" .*)\n(.*)$', _README, re.MULTILINE)
_COMMANDS = re.findall(r"^\$ (rdp .*)\n((?:[^$`].*\n)+)", _README, re.MULTILINE)
_GENERATED = r'"request_id": "[^"]*"|[0-9a-f]{8}-[0-9a-f-]{27}'


def _run(command: str, stack: Stack) -> str:
    programs = f"{ROOT}/.venv/bin:{os.environ['PATH']}"
    finished = subprocess.run(  # noqa: S603 - our own README
        ["bash", "-c", command],  # noqa: S607 - from the PATH
        env={"api": stack.api.url, "PATH": programs},
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    return finished.stdout


@pytest.mark.parametrize(("command", "shown"), _REQUESTS)
def test_request_is_answered_as_shown(stack: Stack, command: str, shown: str) -> None:
    answer = _run(command, stack)

    assert re.sub(_GENERATED, "...", answer) == re.sub(_GENERATED, "...", shown)


def test_one_log_is_followed_as_shown(stack: Stack, request: pytest.FixtureRequest) -> None:
    assert len(_COMMANDS) == 2, "README.md shows the log's lines, and its record"
    [send] = [command for command, _ in _REQUESTS if "log-001" in command]
    log_id = f"readme-{uuid.uuid4().hex[:8]}"
    _run(send.replace("log-001", log_id), stack)
    stack.records.wait_for("acme", log_id, deadline=90)
    request.addfinalizer(lambda: stack.records.delete([("acme", log_id)]))

    for command, shown in _COMMANDS:
        wait_until(
            lambda command=command: _run(command.replace("log-001", log_id), stack),  # type: ignore[misc]
            lambda printed, shown=shown: printed == shown,  # type: ignore[misc]
            deadline=30,
            what=f"what README.md shows of {command}",
        )
