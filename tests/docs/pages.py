"""The pages of the documentation, and the shell code that they show."""

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent

_FENCE = re.compile(r"^ *```(\w*)\n(.*?)^ *```", re.MULTILINE | re.DOTALL)
# over several lines, but not over several paragraphs
_SPAN = re.compile(r"(`+)((?:(?!\n\n).)+?)\1", re.DOTALL)


def tracked(pattern: str) -> list[Path]:
    command = ["git", "ls-files", "-co", "--exclude-standard", pattern]
    files = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True)  # noqa: S603
    return [ROOT / name for name in files.stdout.split() if (ROOT / name).exists()]


def name_of(page: Path) -> str:
    return str(page.relative_to(ROOT))


pages = pytest.mark.parametrize("page", tracked("*.md"), ids=name_of)


def shell_code(page: Path) -> Iterator[str]:
    """Code spans, whole scripts, and what a console's user typed."""
    text = page.read_text()
    for language, block in _FENCE.findall(text):
        if language in {"bash", "sh"}:
            yield block
        elif language == "console":
            yield from re.findall(r"^\$ ((?:.*\\\n)*.*)", block, re.MULTILINE)
    for _, span in _SPAN.findall(_FENCE.sub("", text)):
        yield span.replace("\\|", "|").replace("\n", " ")
