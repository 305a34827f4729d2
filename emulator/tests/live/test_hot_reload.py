"""Functions that run from a folder: the S3 bucket `hot-reload`, the folder as the key.

https://docs.localstack.cloud/aws/tooling/lambda-tools/hot-reloading/
"""

import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from testing.functions import Function, FunctionFactory, answering
from testing.target import NotSupportedError, wait_until

DeployFolder = Callable[[Path], Function]

pytestmark = pytest.mark.usefixtures("same_machine")


@pytest.fixture
def deploy_folder(deploy: FunctionFactory) -> DeployFolder:
    """deploy_folder(folder): a function with `handler` in fn.py of the folder."""

    def create(folder: Path) -> Function:
        code = {"S3Bucket": "hot-reload", "S3Key": str(folder)}
        return deploy("", timeout=20, settings={"Code": code})

    return create


def save(folder: Path, answer: str) -> None:
    (folder / "fn.py").write_text(answering(answer))


def test_next_invocation_runs_what_was_saved_last(
    deploy_folder: DeployFolder, tmp_path: Path
) -> None:
    save(tmp_path, "0")
    function = deploy_folder(tmp_path)
    assert function.invoke() == (0, None)
    # all of the same size, and some within the same second
    for number in range(1, 10):
        save(tmp_path, str(number))
        assert function.invoke() == (number, None)


def test_environment_is_kept_while_nothing_is_saved(
    deploy_folder: DeployFolder, tmp_path: Path
) -> None:
    (tmp_path / "fn.py").write_text("import os\ndef handler(event, context): return os.getpid()")
    function = deploy_folder(tmp_path)
    assert function.invoke() == function.invoke()
    assert not (tmp_path / "__pycache__").exists()


def test_module_behind_a_symbolic_link_is_reloaded(
    deploy_folder: DeployFolder, tmp_path: Path
) -> None:
    source, folder = tmp_path / "source", tmp_path / "folder"
    source.mkdir()
    folder.mkdir()
    (folder / "package").symlink_to(source)
    (folder / "fn.py").write_text("from package.answer import ANSWER\n" + answering("ANSWER"))
    (source / "answer.py").write_text("ANSWER = 1")
    function = deploy_folder(folder)
    assert function.invoke() == (1, None)
    (source / "answer.py").write_text("ANSWER = 2")
    assert function.invoke() == (2, None)


def test_stale_bytecode_is_not_used(deploy_folder: DeployFolder, tmp_path: Path) -> None:
    (tmp_path / "fn.py").write_text(
        "import subprocess, sys, answer\n"
        "def handler(event, context):\n"
        "    command = [sys.executable, '-c', 'import answer; print(answer.ANSWER)']\n"
        "    return answer.ANSWER, int(subprocess.check_output(command, cwd='.'))\n"
    )
    (tmp_path / "answer.py").write_text("ANSWER = 1")
    function = deploy_folder(tmp_path)
    for number in (1, 2, 3):
        (tmp_path / "answer.py").write_text(f"ANSWER = {number}")
        assert function.invoke() == ([number, number], None)


def test_syntax_error_is_reported_and_heals_with_the_next_save(
    deploy_folder: DeployFolder, tmp_path: Path
) -> None:
    save(tmp_path, "1")
    function = deploy_folder(tmp_path)
    assert function.invoke() == (1, None)
    save(tmp_path, "1 +")
    answer, error = function.invoke()
    assert answer["errorType"] == "Runtime.UserCodeSyntaxError"
    assert error == "Unhandled"
    save(tmp_path, "2")
    assert function.invoke() == (2, None)


def test_invocation_under_way_is_not_interrupted(
    deploy_folder: DeployFolder, tmp_path: Path
) -> None:
    code = """
import pathlib, time
def handler(event, context):
    folder = pathlib.Path({folder!r})
    (folder / ".began").touch()
    deadline = time.monotonic() + 15
    while not (folder / ".saved").exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    return "old"
"""
    (tmp_path / "fn.py").write_text(code.format(folder=str(tmp_path)))
    function = deploy_folder(tmp_path)
    answers: list[object] = []
    invocation = threading.Thread(target=lambda: answers.append(function.invoke()))
    invocation.start()
    wait_until((tmp_path / ".began").exists)
    save(tmp_path, "'new'")
    assert function.invoke() == ("new", None)
    (tmp_path / ".saved").touch()
    invocation.join(20)
    assert answers == [("old", None)]
    assert function.invoke() == ("new", None)


def test_function_goes_back_to_a_package(deploy_folder: DeployFolder, tmp_path: Path) -> None:
    save(tmp_path, "'folder'")
    function = deploy_folder(tmp_path)
    assert function.invoke() == ("folder", None)
    function.update_code(answering("'package'"))
    assert function.invoke() == ("package", None)


def test_missing_folder_fails_the_function_and_names_the_folder(
    deploy_folder: DeployFolder, tmp_path: Path
) -> None:
    with pytest.raises(NotSupportedError, match=str(tmp_path / "missing")):
        deploy_folder(tmp_path / "missing")
