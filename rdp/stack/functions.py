"""The two functions of one running stack, and the event source mapping between queue and worker."""

from __future__ import annotations

import base64
import contextlib
import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from rdp.deployment import Deployment
from rdp.waiting import wait_until

if TYPE_CHECKING:
    from mypy_boto3_lambda.type_defs import (
        EventSourceMappingConfigurationTypeDef,
        ScalingConfigTypeDef,
    )

_MAPPING_SECONDS = 60


class FunctionState(NamedTuple):
    """In AWS's words."""

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

    def state(self, function: str) -> FunctionState:
        found = self._client.get_function_configuration(FunctionName=function)
        return FunctionState(found["State"], found["Runtime"], found["LastUpdateStatus"])

    def api_code_location(self) -> str:
        """A URL; that of a folder where LocalStack reloads the code."""
        return self._client.get_function(FunctionName=self.api)["Code"]["Location"]

    def replace_api_environments(self) -> None:
        """The API function's next invocation is a cold start."""
        self._set_environment(self.api, self._environment(self.api))

    # -- worker --------------------------------------------------------------------------------

    def worker_environment(self) -> dict[str, str]:
        return self._environment(self.worker)

    def worker_injects_faults(self) -> bool:
        """Whether it honours a message's Fault attribute."""
        return self.worker_environment().get("FAULT_INJECTION") == "true"

    def worker_runs(self, package: Path) -> bool:
        """Whether this zip is there, and is what the worker runs."""
        if not package.exists():
            return False
        configuration = self._client.get_function_configuration(FunctionName=self.worker)
        digest = hashlib.sha256(package.read_bytes()).digest()
        return configuration["CodeSha256"] == base64.b64encode(digest).decode()

    def deploy_worker(self, package: bytes) -> None:
        """Invocations from now on run this zip; those under way end with what they began with."""
        self._client.update_function_code(FunctionName=self.worker, ZipFile=package)
        self._wait_for_update(self.worker)

    @contextlib.contextmanager
    def changed_worker_environment(self, **changes: str) -> Iterator[None]:
        """The worker runs with these variables; what it had before comes back at the end."""
        before = self.worker_environment()
        try:
            self._set_environment(self.worker, before | changes)
            yield
        finally:
            self._set_environment(self.worker, before)

    def worker_timeout(self) -> int:
        """In seconds."""
        return self._client.get_function_configuration(FunctionName=self.worker)["Timeout"]

    def set_worker_timeout(self, seconds: int) -> None:
        self._client.update_function_configuration(FunctionName=self.worker, Timeout=seconds)
        self._wait_for_update(self.worker)

    # -- event source mapping ------------------------------------------------------------------

    @contextlib.contextmanager
    def changed_worker_concurrency(self, batches: int) -> Iterator[None]:
        """The mapping's MaximumConcurrency is another one until the end."""
        mapping = self._mapping()
        try:
            self._scale_mapping(mapping["UUID"], {"MaximumConcurrency": batches})
            yield
        finally:
            self._scale_mapping(mapping["UUID"], mapping["ScalingConfig"])

    @contextlib.contextmanager
    def paused_worker(self) -> Iterator[None]:
        """The queue's event source mapping is disabled until the end."""
        mapping = self._mapping()["UUID"]
        try:
            self._client.update_event_source_mapping(UUID=mapping, Enabled=False)
            self._wait_for_mapping(mapping, "Disabled")
            yield
        finally:
            self.resume_worker()

    def resume_worker(self) -> bool:
        """Enable the mapping; returns whether it was not."""
        mapping = self._mapping()
        if mapping["State"] == "Enabled":
            return False
        self._client.update_event_source_mapping(UUID=mapping["UUID"], Enabled=True)
        self._wait_for_mapping(mapping["UUID"], "Enabled")
        return True

    def mapping_states(self) -> list[str]:
        """Of all event source mappings of the worker: ["Enabled"] where all is well."""
        mappings = self._client.list_event_source_mappings(FunctionName=self.worker)
        return [mapping["State"] for mapping in mappings["EventSourceMappings"]]

    def _mapping(self) -> EventSourceMappingConfigurationTypeDef:
        [mapping] = self._client.list_event_source_mappings(FunctionName=self.worker)[
            "EventSourceMappings"
        ]
        return mapping

    def _scale_mapping(self, mapping: str, scaling: ScalingConfigTypeDef) -> None:
        self._client.update_event_source_mapping(UUID=mapping, ScalingConfig=scaling)
        self._wait_for_mapping(mapping, "Enabled")

    def _wait_for_mapping(self, mapping: str, wanted: str) -> None:
        wait_until(
            lambda: self._client.get_event_source_mapping(UUID=mapping)["State"],
            lambda state: state == wanted,
            deadline=_MAPPING_SECONDS,
            what=f"the mapping to be {wanted.lower()}",
        )

    # -- configuration -------------------------------------------------------------------------

    def _environment(self, function: str) -> dict[str, str]:
        configuration = self._client.get_function_configuration(FunctionName=function)
        return configuration["Environment"]["Variables"]

    def _set_environment(self, function: str, variables: dict[str, str]) -> None:
        self._client.update_function_configuration(
            FunctionName=function, Environment={"Variables": variables}
        )
        self._wait_for_update(function)

    def _wait_for_update(self, function: str) -> None:
        self._client.get_waiter("function_updated_v2").wait(
            FunctionName=function, WaiterConfig={"Delay": 1, "MaxAttempts": 60}
        )
