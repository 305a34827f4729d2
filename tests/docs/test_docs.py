"""What the documentation names is there."""

import re
from pathlib import Path

import pytest

from tests.docs.pages import ROOT, name_of, pages, tracked


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
def test_make_targets_and_scripts_are_there(page: Path) -> None:
    text = page.read_text()
    targets = set(re.findall(r"^([a-z0-9-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    scripts = set(re.findall(r"(?<![\w./-])scripts/[\w/-]+\.(?:sh|py)", text))

    assert set(re.findall(r"(?:[`$] ?|&& )make ([a-z0-9-]+)", text)) - targets == set()
    assert {script for script in scripts if not (ROOT / script).is_file()} == set()


@pytest.mark.parametrize("name", ["CONTRIBUTING.md", "docs/architecture.md"])
def test_named_files_are_there(name: str) -> None:
    """Folders end with a slash. Neither .local nor .venv is part of the repository."""
    named = set(re.findall(r"`((?:[\w.-]+/)+[\w.*-]*)`", (ROOT / name).read_text()))
    tracked_ones = {path for path in named if not path.startswith((".local/", ".venv/"))}

    assert len(tracked_ones) > 20
    assert {path for path in tracked_ones if not any(ROOT.glob(path.rstrip("/")))} == set()


def test_docstrings_have_one_dialect() -> None:
    """CONTRIBUTING.md: `:param name:` and `:raises Error:`."""
    headings = "Args|Arguments|Parameters|Returns|Yields|Raises"
    other = re.compile(rf"^ *(?:{headings})(?: \(.*\))?:$", re.MULTILINE)

    assert [name_of(path) for path in tracked("*.py") if other.search(path.read_text())] == []


def _anchors(page: Path) -> set[str]:
    """As GitHub makes them of headings."""
    headings = re.findall(r"^#+ +(.*)$", page.read_text(), re.MULTILINE)
    return {
        re.sub(r"[^\w -]", "", heading).strip().lower().replace(" ", "-") for heading in headings
    }
