"""What the warm interpreter decides before a function's process runs."""

import os
import uuid
from pathlib import Path

import pytest

from localstack_serverless.execution.host import TMP, mount, needs_fresh_interpreter

MOUNTS = Path("/proc/self/mountinfo")


def package(folder: Path, source: str) -> Path:
    folder.mkdir(parents=True)
    (folder / "__init__.py").write_text(source, encoding="utf-8")
    return folder


def test_other_version_of_a_preloaded_package_needs_a_fresh_interpreter(tmp_path: Path) -> None:
    code, layer = tmp_path / "code", tmp_path / "layer"
    for folder in (code, layer):
        folder.mkdir()
    path = [str(code), str(layer)]
    preloaded = {"boto3": package(tmp_path / "runtime" / "boto3", "version = 2")}
    assert not needs_fresh_interpreter(path, {}, preloaded)
    package(code / "boto3", "version = 2")
    assert not needs_fresh_interpreter(path, {}, preloaded)
    package(layer / "boto3", "version = 1")
    assert needs_fresh_interpreter(path, {}, preloaded)


def test_module_by_the_name_of_a_preloaded_package_needs_a_fresh_interpreter(
    tmp_path: Path,
) -> None:
    preloaded = {"boto3": package(tmp_path / "runtime" / "boto3", "")}
    (tmp_path / "boto3.py").touch()
    assert needs_fresh_interpreter([str(tmp_path)], {}, preloaded)


def test_mount_hides_no_path_that_the_function_needs(tmp_path: Path) -> None:
    assert mount({str(tmp_path): "/"}, [str(tmp_path / "code")]) == set()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root mounts")
def test_mounted_folder_is_seen_by_the_process_alone(tmp_path: Path) -> None:
    mine = uuid.uuid4().hex
    (tmp_path / mine).touch()
    before = MOUNTS.read_text(encoding="utf-8")
    child = os.fork()
    if child == 0:
        mounted = mount({TMP: str(tmp_path)}, [])
        os._exit(0 if mounted in ({TMP}, set()) and _sees(mine, mounted) else 1)
    assert os.waitpid(child, 0)[1] == 0
    assert not Path(TMP, mine).exists()
    assert MOUNTS.read_text(encoding="utf-8") == before


def _sees(mine: str, mounted: set[str]) -> bool:
    return not mounted or os.listdir(TMP) == [mine]  # noqa: PTH208 - all there is
