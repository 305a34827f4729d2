"""What README.md shows of the API is what the API answers."""

import re
import subprocess

import pytest

from rdp.checkout import ROOT
from rdp.stack import Stack

_EXAMPLES = re.findall(
    r'^\$ (curl "\$api/ingest" .*)\n(.*)$', (ROOT / "README.md").read_text(), re.MULTILINE
)
_GENERATED = r'"request_id": "[^"]*"|[0-9a-f]{8}-[0-9a-f-]{27}'


@pytest.mark.parametrize(("command", "shown"), [e for e in _EXAMPLES if "Unheard-of" not in e[1]])
def test_example_is_answered_as_shown(stack: Stack, command: str, shown: str) -> None:
    answer = subprocess.run(  # noqa: S603 - our own README
        ["bash", "-c", command],  # noqa: S607 - from the PATH
        env={"api": stack.api.url},
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )

    assert re.sub(_GENERATED, "...", answer.stdout) == re.sub(_GENERATED, "...", shown)
