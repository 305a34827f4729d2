"""No process of a function outlives LocalStack, even when that is killed by SIGKILL."""

import io
import json
import os
import signal
import socket
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
import requests

from .deploying import ROLE, wait_until
from .test_execution_environment import is_gone

RUNTIMES = Path(
    os.environ.get("LAMBDA_RUNTIMES_DIR", Path(__file__).parents[3] / ".local" / "runtimes")
)

STARTS_PROCESSES = """
import os, subprocess
def handler(event, context):
    children = [
        subprocess.Popen(["sleep", "300"], start_new_session=new_session)
        for new_session in (False, True)
    ]
    return [os.getpid(), *(child.pid for child in children)]
"""


@pytest.fixture
def localstack(tmp_path: Path) -> Iterator[tuple[subprocess.Popen[bytes], str]]:
    """A LocalStack of the test's own, and its endpoint."""
    if not RUNTIMES.joinpath("python3.11").exists():
        pytest.skip(f"no runtime in {RUNTIMES}: set LAMBDA_RUNTIMES_DIR")
    with socket.create_server(("127.0.0.1", 0)) as free:
        address = f"127.0.0.1:{free.getsockname()[1]}"
    env = {
        "PATH": os.environ["PATH"],
        "TMPDIR": str(tmp_path),
        "FILESYSTEM_ROOT": str(tmp_path),
        "OVERRIDE_IN_DOCKER": "0",
        "GATEWAY_LISTEN": address,
        "SERVICES": "iam,lambda,logs,s3,sts",
        "DISABLE_EVENTS": "1",
        "SKIP_SSL_CERT_DOWNLOAD": "1",
        "DNS_ADDRESS": "0",
        "LAMBDA_RUNTIME_EXECUTOR": "process",
        "LAMBDA_RUNTIMES_DIR": str(RUNTIMES),
    }
    command = [sys.executable, "-m", "localstack.runtime.main"]
    with (
        tmp_path.joinpath("log").open("wb") as log,
        subprocess.Popen(command, env=env, cwd=tmp_path, stdout=log, stderr=log) as process,  # noqa: S603 - our own
    ):
        endpoint = f"http://{address}"
        try:
            wait_until(lambda: _answers(endpoint), seconds=60)
            yield process, endpoint
        finally:
            process.kill()


def _answers(endpoint: str) -> bool:
    try:
        return requests.get(f"{endpoint}/_localstack/health", timeout=1).ok
    except requests.RequestException:
        return False


def test_no_process_of_a_function_outlives_localstack(
    localstack: tuple[subprocess.Popen[bytes], str],
) -> None:
    process, endpoint = localstack
    pids = _invoke(STARTS_PROCESSES, endpoint)
    assert not any(map(is_gone, pids))
    process.send_signal(signal.SIGKILL)
    wait_until(lambda: all(map(is_gone, pids)))


def _invoke(code: str, endpoint: str) -> Any:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as package:
        package.writestr("fn.py", code)
    client = boto3.client(
        "lambda",
        endpoint_url=endpoint,
        region_name="us-east-1",
        aws_access_key_id="test",
        aws_secret_access_key="test",  # noqa: S106 - what LocalStack takes
    )
    name = "starts-processes"
    client.create_function(
        FunctionName=name,
        Runtime="python3.11",
        Role=ROLE,
        Handler="fn.handler",
        Code={"ZipFile": archive.getvalue()},
    )
    wait_until(lambda: client.get_function_configuration(FunctionName=name)["State"] == "Active")
    return json.load(client.invoke(FunctionName=name)["Payload"])
