"""What the documentation names is there."""

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
_FILES = subprocess.run(
    ["git", "ls-files", "*.md"],  # noqa: S607 - from the PATH
    cwd=ROOT,
    check=True,
    capture_output=True,
    text=True,
)
PAGES = [ROOT / name for name in _FILES.stdout.split()]

pages = pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))


@pages
def test_links_lead_somewhere(page: Path) -> None:
    links = re.findall(r"\]\(([^)\s]+)\)", page.read_text())
    local = [link.partition("#") for link in links if not re.match(r"[a-z]+:", link)]

    assert [
        f"{path}#{anchor}"
        for path, _, anchor in local
        if not (target := page.parent / path if path else page).exists()
        or (anchor and anchor not in _anchors(target))
    ] == []


@pages
def test_commands_are_there(page: Path) -> None:
    text = page.read_text()
    targets = set(re.findall(r"^([a-z0-9-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    scripts = set(re.findall(r"(?<![\w./-])scripts/[\w/-]+\.(?:sh|py)", text))

    assert set(re.findall(r"(?:[`$] ?|&& )make ([a-z0-9-]+)", text)) - targets == set()
    assert {script for script in scripts if not (ROOT / script).is_file()} == set()


def _anchors(page: Path) -> set[str]:
    """As GitHub makes them of headings."""
    headings = re.findall(r"^#+ +(.*)$", page.read_text(), re.MULTILINE)
    return {
        re.sub(r"[^\w -]", "", heading).strip().lower().replace(" ", "-") for heading in headings
    }
