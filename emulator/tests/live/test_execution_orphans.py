"""No process of a function outlives LocalStack, even when that is killed by SIGKILL."""

import io
import json
import signal
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from .deploying import ROLE, wait_until
from .own_localstack import OwnLocalStack, own_localstack
from .test_execution_environment import is_gone

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
def localstack(tmp_path: Path) -> Iterator[OwnLocalStack]:
    with own_localstack(tmp_path, SERVICES="iam,lambda,logs,s3,sts") as started:
        yield started


def test_no_process_of_a_function_outlives_localstack(localstack: OwnLocalStack) -> None:
    pids = _invoke(STARTS_PROCESSES, localstack)
    assert not any(map(is_gone, pids))
    localstack.stop(signal.SIGKILL)
    wait_until(lambda: all(map(is_gone, pids)))


def _invoke(code: str, localstack: OwnLocalStack) -> Any:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as package:
        package.writestr("fn.py", code)
    client = localstack.client("lambda")
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
