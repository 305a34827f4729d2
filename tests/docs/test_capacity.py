"""docs/capacity.md shows what `rdp capacity` prints, and what the model says."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
from typer.testing import CliRunner

from rdp.capacity import prices, quotas
from rdp.capacity.plan import Plan, changed
from rdp.capacity.settings import Settings
from rdp.capacity.workload import Lengths, Workload
from rdp.cli.app import app
from tests.docs.pages import ROOT

PAGE = (ROOT / "docs" / "capacity.md").read_text()


class Shown(NamedTuple):
    command: str
    output: str


def _shown() -> Iterator[Shown]:
    for block in re.findall(r"^```console\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL):
        for command in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
            line, _, output = command.partition("\n")
            yield Shown(line, output)


SHOWN = list(_shown())
PREDICTIONS = [each for each in SHOWN if each.command.startswith("rdp capacity")]


@pytest.mark.parametrize("shown", PREDICTIONS, ids=lambda shown: shown.command)
def test_command_prints_what_the_page_shows(shown: Shown, tmp_path: Path) -> None:
    files = {each.command[4:]: each.output for each in SHOWN if each.command.startswith("cat ")}
    arguments = shown.command.split()[1:]
    if arguments[-2] == "--check":
        run = tmp_path / "run.json"
        run.write_text(files[arguments[-1]])
        arguments[-1] = str(run)

    result = CliRunner().invoke(app, arguments, catch_exceptions=False)

    assert result.output == shown.output
    assert result.exit_code == 0


def test_page_shows_predictions_and_a_check() -> None:
    assert len(PREDICTIONS) >= 3
    assert any("--check" in each.command for each in PREDICTIONS)


def _rows(first_column: str) -> Iterator[list[str]]:
    """The table with this heading, without its second line."""
    [table] = re.findall(rf"^(\| {first_column} \|.*?)\n\n", PAGE, re.MULTILINE | re.DOTALL)
    lines = table.splitlines()
    for line in [lines[0], *lines[2:]]:
        yield [cell.strip() for cell in line.strip("|").split("|")]


def test_table_of_settings_is_what_the_model_says() -> None:
    heading, *rows = _rows("settings")
    rates = [float(cell.split()[0]) for cell in heading[1:]]

    assert len(rows) > 10
    for name, *cells in rows:
        settings = changed(Settings(), re.findall(r"`(\S+)`", name))
        assert cells == [_cell(rate, settings) for rate in rates], name


def _cell(rate: float, settings: Settings) -> str:
    plan = Plan.of(Workload(rate, Lengths({100: 1.0})), settings)
    [lane] = plan.lanes
    latency = "overloaded" if lane.is_overloaded else f"{lane.mean_latency:.1f} s"
    return f"${plan.bill.per_million():.2f}, {latency}"


def test_page_names_the_sources_of_all_prices_and_quotas() -> None:
    found = [each for each in vars(prices).values() if isinstance(each, prices.Price)]
    pages = {page for each in found for page in (each.source, each.read)}
    pages |= {page for page in vars(quotas).values() if str(page).endswith(".html")}

    assert len(pages) > 15
    assert {page for page in pages if f"]({page})" not in PAGE} == set()
