"""A project of someone else, from the wheel alone: install, start, tflocal apply, call, stop."""

import json
import os
import shutil
import socket
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

import boto3
import psutil
import pytest
import requests

from localstack_serverless.command import runtimes

from .provider import terraform_environment

EMULATOR = Path(__file__).parents[2]
PROJECT = Path(__file__).with_name("project")
TERRAFORM_LOCAL = "terraform-local==0.25.0"
# what the user's shell says of AWS, Python and other instances
FOREIGN = ("AWS_", "PYTHON", "XDG_", "TF_", "VIRTUAL_ENV", "LOCALSTACK", "LAMBDA_", "SERVICES")
# where LocalStack writes when it takes itself for a container
SYSTEM_FOLDERS = ("/var/lib/localstack", "/usr/lib/localstack", "/etc/localstack")


class Machine:
    """An empty folder that is home, temporary folder and all for the programs run in it."""

    def __init__(self, folder: Path, **env: str) -> None:
        self.folder = folder
        self.home = folder / "home"
        self.programs = folder / "venv" / "bin"
        self.project = folder / "project"
        for made in (self.home, folder / "tmp"):
            made.mkdir()
        self.env = {
            name: value for name, value in os.environ.items() if not name.startswith(FOREIGN)
        }
        # packages that were downloaded before need not be again
        command = [runtimes.find_uv(), "cache", "dir"]
        cache = subprocess.check_output(command, text=True).strip()  # noqa: S603 - uv itself
        self.env |= {
            "HOME": str(self.home),
            "TMPDIR": str(folder / "tmp"),
            "UV_CACHE_DIR": cache,
            **env,
        }

    def run(self, program: str | Path, *arguments: str | Path) -> str:
        """What the program writes; it has to succeed."""
        done = subprocess.run(  # noqa: S603 - the test's own
            [program, *arguments],
            cwd=self.project if self.project.exists() else self.folder,
            env=self.env,
            capture_output=True,
            check=False,
            text=True,
        )
        assert done.returncode == 0, f"{program} {arguments}:\n{done.stdout}{done.stderr}"
        return done.stdout

    def processes(self) -> list[str]:
        """Those that work below the folder."""
        found = []
        for process in psutil.process_iter():
            try:
                if Path(process.cwd()).is_relative_to(self.folder):
                    found.append(" ".join(process.cmdline()))
            except psutil.Error:
                continue
        return found


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    if not shutil.which("terraform"):
        pytest.skip("terraform is missing: https://developer.hashicorp.com/terraform/install")
    index = os.environ.get("PIP_INDEX_URL", "https://pypi.org/simple")
    try:
        requests.get(f"{index.rstrip('/')}/pip/", timeout=10).raise_for_status()
    except requests.RequestException as error:
        pytest.skip(f"{index} cannot be reached, from where the wheel's dependencies come: {error}")
    provider = terraform_environment(tmp_path)
    if provider is None:
        pytest.skip(
            "no AWS provider: registry.terraform.io cannot be reached, nor does"
            " TF_PLUGIN_MIRROR name a mirror with hashicorp/aws 5.100.0"
        )
    return Machine(tmp_path, **provider)


@pytest.fixture
def installed(machine: Machine) -> Machine:
    """With the wheel and tflocal in a virtual environment."""
    build = (runtimes.find_uv(), "build", "--wheel", "--python", sys.executable)
    machine.run(*build, "--out-dir", machine.folder, EMULATOR)
    [wheel] = machine.folder.glob("*.whl")
    machine.run(sys.executable, "-m", "venv", machine.programs.parent)
    install = (runtimes.find_uv(), "pip", "install", "--python", machine.programs / "python")
    machine.run(*install, wheel, TERRAFORM_LOCAL)
    return machine


@pytest.fixture
def started(installed: Machine) -> Iterator[Machine]:
    """With a LocalStack that runs, and a project whose tools use it."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = str(free.getsockname()[1])
    command = installed.programs / "localstack-serverless"
    state = ("--state", installed.folder / "state")
    try:
        output = installed.run(command, "start", "--detach", "--port", port, *state)
        assert "ok LocalStack" in output
        exported = installed.run(command, "env", *state)
        assert exported.strip().splitlines() == [
            line.strip() for line in output.splitlines() if line.startswith("  export")
        ]
        for line in exported.splitlines():
            for setting in line.removeprefix("export ").split():
                name, _, value = setting.partition("=")
                installed.env[name] = value
        yield installed
    finally:
        installed.run(command, "stop", *state)


def test_project_of_someone_else(started: Machine) -> None:
    before = [folder for folder in SYSTEM_FOLDERS if Path(folder).exists()]
    shutil.copytree(PROJECT, started.project)
    with zipfile.ZipFile(started.project / "notes.zip", "w") as archive:
        archive.write(started.project / "notes.py", "notes.py")
    tflocal = started.programs / "tflocal"
    started.run(tflocal, "init", "-input=false")
    started.run(tflocal, "apply", "-auto-approve", "-input=false")
    endpoint = json.loads(started.run("terraform", "output", "-json"))["endpoint"]["value"]

    answer = requests.post(
        f"{endpoint}/notes", "a note", headers={"Content-Type": "text/plain"}, timeout=30
    )
    assert answer.status_code == 201
    assert stored(started) == {answer.json()["id"]: "a note"}

    started.run(tflocal, "destroy", "-auto-approve", "-input=false")
    started.run(
        started.programs / "localstack-serverless", "stop", "--state", started.folder / "state"
    )
    assert started.processes() == []
    assert [folder for folder in SYSTEM_FOLDERS if Path(folder).exists()] == before


def stored(machine: Machine) -> dict[str, str]:
    dynamodb = boto3.client(
        "dynamodb",
        endpoint_url=machine.env["AWS_ENDPOINT_URL"],
        region_name="us-east-1",
        aws_access_key_id="test",
        aws_secret_access_key="test",  # noqa: S106 - LocalStack takes any
    )
    items = dynamodb.scan(TableName="notes")["Items"]
    return {item["id"]["S"]: item["text"]["S"] for item in items}
