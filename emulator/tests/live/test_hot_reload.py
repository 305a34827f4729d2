"""Functions that run from a folder: the S3 bucket `hot-reload`, the folder as the key.

https://docs.localstack.cloud/aws/tooling/lambda-tools/hot-reloading/
"""

import io
import threading
import uuid
import zipfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
import requests

from .deploying import ENDPOINT, ROLE, Clients, Function, wait_until

DeployFolder = Callable[..., Function]


@pytest.fixture(scope="module", autouse=True)
def _same_files() -> None:
    info = requests.get(f"{ENDPOINT}/_localstack/info", timeout=10).json()
    if info["is_docker"]:
        pytest.skip("LocalStack runs in a container, which does not see the folders of the tests")


@pytest.fixture
def deploy_folder(clients: Clients) -> Iterator[DeployFolder]:
    """deploy_folder(folder): a function with `handler` in fn.py of the folder."""
    with ExitStack() as cleanup:

        def create(folder: Path) -> Function:
            name = f"live-{uuid.uuid4().hex[:12]}"
            created = clients.lambda_.create_function(
                FunctionName=name,
                Runtime="python3.11",
                Role=ROLE,
                Handler="fn.handler",
                Code={"S3Bucket": "hot-reload", "S3Key": str(folder)},
                Timeout=20,
            )
            function = Function(clients, name, created["FunctionArn"])
            cleanup.callback(function.delete)
            wait_until(lambda: state_of(function) != "Pending")
            return function

        yield create


def state_of(function: Function) -> str:
    configuration = function.clients.lambda_.get_function(FunctionName=function.name)
    return str(configuration["Configuration"]["State"])


def save(folder: Path, answer: str) -> None:
    (folder / "fn.py").write_text(f"def handler(event, context): return {answer}")


def test_next_invocation_runs_what_was_saved_last(
    deploy_folder: DeployFolder, tmp_path: Path
) -> None:
    save(tmp_path, "0")
    function = deploy_folder(tmp_path)
    assert function.invoke() == (0, None)
    # each of the same size, and some within the same second
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
    (folder / "fn.py").write_text(
        "from package.answer import ANSWER\ndef handler(event, context): return ANSWER"
    )
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


def test_function_goes_back_to_a_package(
    clients: Clients, deploy_folder: DeployFolder, tmp_path: Path
) -> None:
    save(tmp_path, "'folder'")
    function = deploy_folder(tmp_path)
    assert function.invoke() == ("folder", None)
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as package:
        package.writestr("fn.py", "def handler(event, context): return 'package'")
    clients.lambda_.update_function_code(FunctionName=function.name, ZipFile=archive.getvalue())
    clients.lambda_.get_waiter("function_updated_v2").wait(FunctionName=function.name)
    assert function.invoke() == ("package", None)


def test_missing_folder_fails_the_function_and_names_the_folder(
    clients: Clients, deploy_folder: DeployFolder, tmp_path: Path
) -> None:
    function = deploy_folder(tmp_path / "missing")
    configuration = clients.lambda_.get_function(FunctionName=function.name)["Configuration"]
    assert configuration["State"] == "Failed"
    assert str(tmp_path / "missing") in configuration["StateReason"]
