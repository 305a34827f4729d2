"""What a user can mend ends in a message with the command that mends it."""

import socket
import subprocess
import sys
from pathlib import Path

import pytest

PROGRAM = Path(sys.executable).with_name("localstack-serverless")


def run(*arguments: str | Path, status: int, **env: str) -> str:
    """What the command writes."""
    done = subprocess.run(  # noqa: S603 - this package's
        [PROGRAM, *arguments],
        capture_output=True,
        check=False,
        env={"PATH": "/usr/bin:/bin", **env},
        text=True,
        timeout=60,
    )
    assert done.returncode == status, done.stderr
    assert "Traceback" not in done.stderr
    return done.stdout + done.stderr


def test_logs_before_the_first_start(tmp_path: Path) -> None:
    output = run("logs", "--follow", "--state", tmp_path, status=1)
    assert f"start it with `localstack-serverless start --state {tmp_path}`" in output


def test_nothing_runs(tmp_path: Path) -> None:
    assert "start it with `" in run("status", "--state", tmp_path, status=1)
    assert "nothing to kill" in run("kill", "--state", tmp_path, status=1)
    assert run("stop", "--state", tmp_path, status=0) == "ok LocalStack does not run\n"


def test_default_folders_are_the_users(tmp_path: Path) -> None:
    for data, env in (
        ("home/.local/share/localstack-serverless", {"HOME": f"{tmp_path}/home"}),
        ("data/localstack-serverless", {"XDG_DATA_HOME": f"{tmp_path}/data"}),
        ("own", {"LOCALSTACK_SERVERLESS_STATE": f"{tmp_path}/own"}),
    ):
        output = run("logs", status=1, **env)
        assert f"no log in {tmp_path}/{data}," in output
        assert "start it with `localstack-serverless start`\n" in output


@pytest.mark.parametrize("runtime", ["nodejs20.x", "3.12", "python3", "../python3.12"])
def test_runtime_that_cannot_be_installed(tmp_path: Path, runtime: str) -> None:
    output = run("runtime", "install", runtime, "--cache", tmp_path, status=1)
    assert f"runtime '{runtime}' cannot be installed" in output


@pytest.mark.parametrize("port", ["0", "65536", "x"])
def test_impossible_port(tmp_path: Path, port: str) -> None:
    assert port in run("start", "--port", port, "--state", tmp_path, status=2)


def test_taken_port_is_reported_before_anything_is_installed(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = str(server.getsockname()[1])
        folders = ("--state", tmp_path / "state", "--cache", tmp_path / "cache")
        assert "end it with `kill " in run("start", "--port", port, *folders, status=1)
    assert not (tmp_path / "cache").exists()


def test_state_folder_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    output = run("start", "--state", tmp_path / "file" / "state", status=1)
    assert output == f"localstack-serverless: {tmp_path}/file/state: Not a directory\n"


def test_what_to_export_is_shell(tmp_path: Path) -> None:
    (tmp_path / "localstack.port").write_text("4600")
    script = f'eval "$({PROGRAM} env --state {tmp_path})"; echo $AWS_ENDPOINT_URL $S3_HOSTNAME'
    exported = subprocess.check_output(["/bin/sh", "-c", script], text=True)  # noqa: S603
    assert exported == "http://localhost:4600 localhost\n"
