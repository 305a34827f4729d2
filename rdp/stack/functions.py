"""The two functions of a running stack."""

from __future__ import annotations

import base64
import contextlib
import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, cast

from rdp.stack.mappings import Mappings

if TYPE_CHECKING:
    from mypy_boto3_lambda.literals import RuntimeType

    from rdp.deployment import Deployment


class FunctionState(NamedTuple):
    """With AWS's names."""

    state: str
    runtime: str
    last_update: str

    @property
    def is_ready(self) -> bool:
        return self.state == "Active" and self.last_update == "Successful"


class Functions:
    def __init__(self, deployment: Deployment) -> None:
        self.api = deployment.outputs.api_function_name
        self.worker = deployment.outputs.worker_function_name
        self._client = deployment.clients.functions
        self.mappings = Mappings(self._client, self.worker, deployment.outputs.queue_names)

    def state(self, function: str) -> FunctionState:
        found = self._client.get_function_configuration(FunctionName=function)
        return FunctionState(found["State"], found["Runtime"], found["LastUpdateStatus"])

    def api_code_location(self) -> str:
        """A URL: of a folder if LocalStack reloads the code, else of a package."""
        return self._client.get_function(FunctionName=self.api)["Code"]["Location"]

    def replace_api_environments(self) -> None:
        """The API function's next invocation is a cold start."""
        self.set_environment(self.api, self.environment(self.api))

    @contextlib.contextmanager
    def changed_runtime(self, runtime: str) -> Iterator[None]:
        """Both functions run on it, such as "python3.13", until the end."""
        before = {name: self.state(name).runtime for name in (self.api, self.worker)}
        try:
            for name in before:
                self._set_runtime(name, runtime)
            yield
        finally:
            for name, former in before.items():
                self._set_runtime(name, former)

    # -- worker --------------------------------------------------------------------------------

    def worker_environment(self) -> dict[str, str]:
        return self.environment(self.worker)

    def worker_injects_faults(self) -> bool:
        """Whether it applies a message's Fault attribute."""
        return self.worker_environment().get("FAULT_INJECTION") == "true"

    def worker_runs(self, package: Path) -> bool:
        """Whether this zip exists, and the worker runs it."""
        if not package.exists():
            return False
        configuration = self._client.get_function_configuration(FunctionName=self.worker)
        digest = hashlib.sha256(package.read_bytes()).digest()
        return configuration["CodeSha256"] == base64.b64encode(digest).decode()

    def deploy_worker(self, package: bytes) -> None:
        """Later invocations run this zip; those that already run finish with the old code."""
        self._client.update_function_code(FunctionName=self.worker, ZipFile=package)
        self._wait_for_update(self.worker)

    @contextlib.contextmanager
    def changed_worker_environment(self, **changes: str) -> Iterator[None]:
        """The worker runs with these variables; at the end the former ones are restored."""
        before = self.worker_environment()
        try:
            self.set_environment(self.worker, before | changes)
            yield
        finally:
            self.set_environment(self.worker, before)

    def worker_timeout(self) -> int:
        """In seconds."""
        return self._client.get_function_configuration(FunctionName=self.worker)["Timeout"]

    def worker_memory_mb(self) -> int:
        return self._client.get_function_configuration(FunctionName=self.worker)["MemorySize"]

    def set_worker_timeout(self, seconds: int) -> None:
        self._client.update_function_configuration(FunctionName=self.worker, Timeout=seconds)
        self._wait_for_update(self.worker)

    # -- configuration -------------------------------------------------------------------------

    def environment(self, function: str) -> dict[str, str]:
        configuration = self._client.get_function_configuration(FunctionName=function)
        return configuration["Environment"]["Variables"]

    def set_environment(self, function: str, variables: dict[str, str]) -> None:
        self._client.update_function_configuration(
            FunctionName=function, Environment={"Variables": variables}
        )
        self._wait_for_update(function)

    def _set_runtime(self, function: str, runtime: str) -> None:
        self._client.update_function_configuration(
            FunctionName=function, Runtime=cast("RuntimeType", runtime)
        )
        self._wait_for_update(function)

    def _wait_for_update(self, function: str) -> None:
        self._client.get_waiter("function_updated_v2").wait(
            FunctionName=function, WaiterConfig={"Delay": 1, "MaxAttempts": 60}
        )
