"""One file of settings, read alike by this package and by docker compose."""

import re
from pathlib import Path

import pytest
from localstack import config

from localstack_serverless import settings

# not LocalStack's own: Python's, and that of the official image's supervisor
FOREIGN = {"PYTHONWARNINGS", "SHUTDOWN_TIMEOUT"}


def test_settings_are_localstacks() -> None:
    known = Path(config.__file__).read_text()
    for name in settings.read().keys() - FOREIGN:
        assert re.search(rf"\b{name}\b", known), name


def test_values_are_literal(tmp_path: Path) -> None:
    file = tmp_path / "settings.env"
    file.write_text("# comment\n\nA=1=2\nB= 'x' # y\nC=\n")
    assert settings.read(file) == {"A": "1=2", "B": " 'x' # y", "C": ""}


def test_own_file_has_nothing_that_compose_reads_differently() -> None:
    """Quotes, references and comments behind a value."""
    assert not [value for value in settings.read().values() if re.search(r"[\"'$#\s]", value)]


@pytest.mark.parametrize("line", ["A", "=1", "A B=1", " # comment"])
def test_other_line_is_refused_by_number(tmp_path: Path, line: str) -> None:
    file = tmp_path / "settings.env"
    file.write_text(f"A=1\n{line}\n")
    with pytest.raises(ValueError, match=r"settings\.env:2: .* is not KEY=VALUE"):
        settings.read(file)
