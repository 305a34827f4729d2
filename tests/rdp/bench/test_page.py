"""The benchmark's page: its table is replaced, and nothing else."""

import json
import sys
from pathlib import Path

import pytest

from rdp.bench import page
from rdp.bench.page import BEGIN, END, MarkersMissingError, replaced, table


def test_table_has_a_column_for_each_result() -> None:
    shown = table({"ours": {"rate": "10", "memory": "1 MB"}, "theirs": {"rate": "9", "x": "y"}})

    head, line, *rows = shown.splitlines()
    assert head.endswith(" | ours | theirs |")
    assert line == "| --- | --- | --- |"
    assert rows == ["| rate | 10 | 9 |", "| memory | 1 MB | - |"]


def test_only_what_is_between_the_markers_is_replaced() -> None:
    assert replaced(f"a\n{BEGIN}old\n{END}b\n", "new\n") == f"a\n{BEGIN}new\n{END}b\n"


@pytest.mark.parametrize("text", ["", "a\n", f"a\n{BEGIN}b\n", f"a\n{END}b\n", f"{END}a\n{BEGIN}b"])
def test_page_without_its_markers_is_left_alone(text: str) -> None:
    with pytest.raises(MarkersMissingError, match="<!-- bench --> and <!-- /bench -->"):
        replaced(text, "new\n")


def test_results_and_starts_are_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file, results = tmp_path / "page.md", tmp_path / "results.json"
    file.write_text(f"a\n{BEGIN}{END}b\n")
    results.write_text(json.dumps({"rate": "10"}))
    monkeypatch.setattr(sys, "argv", ["page", str(file), f"ours={results}"])
    monkeypatch.setenv("STARTS", "make up=2 s\nagain=1 s")

    page.main()

    assert file.read_text().splitlines()[4:7] == [
        "| rate | 10 |",
        "| make up | 2 s |",
        "| again | 1 s |",
    ]


def test_page_without_markers_ends_with_its_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file, results = tmp_path / "page.md", tmp_path / "results.json"
    file.write_text("text")
    results.write_text("{}")
    monkeypatch.setattr(sys, "argv", ["page", str(file), f"ours={results}"])

    with pytest.raises(SystemExit, match=r"page\.md: needs the lines"):
        page.main()
    assert file.read_text() == "text"
