"""A LocalStack of a test's own, which it may kill."""

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

from testing.functions import FunctionFactory
from testing.http_apis import ApiFactory
from testing.plugin import REGION, RUNTIME
from testing.queues import QueueFactory
from testing.target import Target, wait_until

LOCAL = Path(__file__).parents[3] / ".local"
RUNTIMES = Path(os.environ.get("LAMBDA_RUNTIMES_DIR", LOCAL / "runtimes"))
# where LocalStack finds DynamoDB Local
LIBRARIES = Path("var", "lib", "localstack", "lib")
# LocalStack does not ask whether it exists
ROLE = "arn:aws:iam::000000000000:role/own"
START_SECONDS = 90
STOP_SECONDS = 60


class OwnLocalStack:
    """Starts with the same folder and port each time.

    What `deploy`, `queue_of` and `api_of` make goes with it; nothing is taken down before.
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
        self._env = {
            "PATH": os.environ["PATH"],
            "TMPDIR": str(folder),
            "FILESYSTEM_ROOT": str(folder),
            "OVERRIDE_IN_DOCKER": "0",
            "GATEWAY_LISTEN": address,
            "LOCALSTACK_HOST": address,
            "DISABLE_EVENTS": "1",
            "SKIP_SSL_CERT_DOWNLOAD": "1",
            "DNS_ADDRESS": "0",
            "EAGER_SERVICE_LOADING": "1",
            "LAMBDA_RUNTIME_EXECUTOR": "process",
            "LAMBDA_RUNTIMES_DIR": str(RUNTIMES),
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
    """A started one, whose end is the block's."""
    if not RUNTIMES.joinpath(RUNTIME).exists():
        pytest.skip(f"no runtime in {RUNTIMES}: set LAMBDA_RUNTIMES_DIR")
    if "dynamodb" in env["SERVICES"]:
        installed = LOCAL / "volume" / LIBRARIES
        if not installed.exists():
            pytest.skip(f"no DynamoDB Local in {installed}: `scripts/setup.sh up` installs it")
        folder.joinpath(LIBRARIES).parent.mkdir(parents=True)
        folder.joinpath(LIBRARIES).symlink_to(installed)
    localstack = OwnLocalStack(folder, **env)
    try:
        localstack.start()
        yield localstack
    finally:
        localstack.stop(signal.SIGKILL)
