from pathlib import Path

import pytest

from localstack_serverless.execution import hot_reload

from ..builders import CodeIn


@pytest.fixture
def code(tmp_path: Path) -> CodeIn:
    (tmp_path / "fn.py").write_text("one")
    (tmp_path / "package").mkdir()
    (tmp_path / "package" / "module.py").write_text("one")
    return CodeIn(tmp_path)


def test_snapshot_stays_while_nothing_is_saved(code: CodeIn) -> None:
    assert hot_reload.snapshot(code) == hot_reload.snapshot(code)


@pytest.mark.parametrize("name", ["fn.py", "package/module.py", "new.py"])
def test_snapshot_changes_when_a_file_is_saved(code: CodeIn, name: str) -> None:
    before = hot_reload.snapshot(code)
    (code.folder / name).write_text("other")
    assert hot_reload.snapshot(code) != before


@pytest.mark.parametrize("name", [".fn.py.swp", "__pycache__"])
def test_hidden_files_and_bytecode_do_not_count(code: CodeIn, name: str) -> None:
    before = hot_reload.snapshot(code)
    (code.folder / name).mkdir()
    assert hot_reload.snapshot(code) == before


def test_links_in_a_circle_end(code: CodeIn) -> None:
    (code.folder / "package" / "circle").symlink_to(code.folder)
    assert hot_reload.snapshot(code)


def test_folder_that_is_being_replaced_is_empty(code: CodeIn) -> None:
    assert hot_reload.snapshot(CodeIn(code.folder / "gone")) == frozenset()


def test_missing_folder_is_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=f"there is no folder {tmp_path}/gone"):
        hot_reload.check(CodeIn(tmp_path / "gone"))


def test_package_has_no_snapshot(tmp_path: Path) -> None:
    assert hot_reload.snapshot(CodeIn(tmp_path, is_hot_reloaded=False)) is None
