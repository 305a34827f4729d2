"""A LocalStack that one test starts, and may kill."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest
import requests

from localstack_serverless import settings
from localstack_serverless.command import dynamodb, runtimes
from localstack_serverless.command.folders import default_cache
from localstack_serverless.command.options import shared_below
from testing.functions import FunctionFactory
from testing.http_apis import ApiFactory
from testing.plugin import REGION, RUNTIME
from testing.queues import QueueFactory
from testing.target import Target, wait_until

# where the command `localstack-serverless` installs, unless the environment names other folders
SHARED = shared_below(default_cache())
# where LocalStack finds DynamoDB Local
LIBRARIES = Path("var", "lib", "localstack", "lib")
# LocalStack does not ask whether it exists
ROLE = "arn:aws:iam::000000000000:role/own"
START_SECONDS = 90
STOP_SECONDS = 60


class OwnLocalStack:
    """Starts with the same folder and port each time.

    What `deploy`, `queue_of` and `api_of` make is left to end with it.
    """

    def __init__(self, folder: Path, **env: str) -> None:
        self.folder = folder
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = free.getsockname()[1]
        address = f"127.0.0.1:{self.port}"
        self.aws = Target(f"http://{address}", REGION)
        nothing = ExitStack()
        self.deploy = FunctionFactory(self.aws, lambda: ROLE, RUNTIME, nothing)
        self.queue_of = QueueFactory(self.aws, nothing)
        self.api_of = ApiFactory(self.aws, nothing)
        self._env = settings.read() | {
            "PATH": os.environ["PATH"],
            "TMPDIR": str(folder),
            "FILESYSTEM_ROOT": str(folder),
            "OVERRIDE_IN_DOCKER": "0",
            "GATEWAY_LISTEN": address,
            "LOCALSTACK_HOST": address,
            "EAGER_SERVICE_LOADING": "1",
            "LAMBDA_RUNTIMES_DIR": str(SHARED.runtimes),
            **env,
        }
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        if self._process is None:
            raise RuntimeError("LocalStack is not started")
        return self._process.pid

    def start(self) -> None:
        with self.folder.joinpath("log").open("ab") as log:
            self._process = subprocess.Popen(  # noqa: S603 - our own
                [sys.executable, "-m", "localstack.runtime.main"],
                env=self._env,
                cwd=self.folder,
                stdout=log,
                stderr=log,
            )
        wait_until(self._answers, seconds=START_SECONDS)

    def stop(self, by: signal.Signals) -> None:
        if self._process:
            self._process.send_signal(by)
            self._process.wait(STOP_SECONDS)
            self._process = None

    def get(self, path: str) -> Any:
        return requests.get(f"{self.aws.endpoint}{path}", timeout=30).json()

    def _answers(self) -> bool:
        try:
            return requests.get(f"{self.aws.endpoint}/_localstack/health", timeout=1).ok
        except requests.RequestException:
            return False


@contextmanager
def own_localstack(folder: Path, **env: str) -> Iterator[OwnLocalStack]:
    """A LocalStack that runs until the block ends."""
    if RUNTIME not in runtimes.installed(SHARED.runtimes):
        pytest.skip(
            f"no {RUNTIME} in {SHARED.runtimes}: `localstack-serverless runtime install {RUNTIME}`"
            " installs it"
        )
    if "dynamodb" in env["SERVICES"]:
        if not dynamodb.is_installed(SHARED.libraries):
            pytest.skip(
                f"no DynamoDB Local in {SHARED.libraries}: `localstack-serverless start` installs"
                " it"
            )
        folder.joinpath(LIBRARIES).parent.mkdir(parents=True)
        folder.joinpath(LIBRARIES).symlink_to(SHARED.libraries)
    localstack = OwnLocalStack(folder, **env)
    try:
        localstack.start()
        yield localstack
    finally:
        localstack.stop(signal.SIGKILL)
