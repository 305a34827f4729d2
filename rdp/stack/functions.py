"""The two functions of a running stack, and the event source mapping between queue and worker."""

from __future__ import annotations

import base64
import contextlib
import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from rdp.stack.errors import StackError
from rdp.waiting import wait_until

if TYPE_CHECKING:
    from mypy_boto3_lambda.type_defs import (
        EventSourceMappingConfigurationTypeDef,
        ScalingConfigTypeDef,
    )

    from rdp.deployment import Deployment

_MAPPING_SECONDS = 60
# A mapping that is changing refuses another change.
_SETTLED = ("Enabled", "Disabled")


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

    def state(self, function: str) -> FunctionState:
        found = self._client.get_function_configuration(FunctionName=function)
        return FunctionState(found["State"], found["Runtime"], found["LastUpdateStatus"])

    def api_code_location(self) -> str:
        """A URL: of a folder if LocalStack reloads the code, else of a package."""
        return self._client.get_function(FunctionName=self.api)["Code"]["Location"]

    def replace_api_environments(self) -> None:
        """The API function's next invocation is a cold start."""
        self._set_environment(self.api, self._environment(self.api))

    # -- worker --------------------------------------------------------------------------------

    def worker_environment(self) -> dict[str, str]:
        return self._environment(self.worker)

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
        """The mapping has this MaximumConcurrency until the end."""
        mapping = self._mapping()
        before = mapping["ScalingConfig"]
        try:
            self._scale_mapping(mapping["UUID"], {"MaximumConcurrency": batches})
            yield
        finally:
            self._scale_mapping(mapping["UUID"], before)

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
        """Enable the mapping. Returns whether it was disabled."""
        mapping = self._mapping()["UUID"]
        if self._wait_for_mapping(mapping, *_SETTLED) == "Enabled":
            return False
        self._client.update_event_source_mapping(UUID=mapping, Enabled=True)
        self._wait_for_mapping(mapping, "Enabled")
        return True

    def mapping_states(self) -> list[str]:
        """Of all event source mappings of the worker: ["Enabled"] if all is well."""
        mappings = self._client.list_event_source_mappings(FunctionName=self.worker)
        return [mapping["State"] for mapping in mappings["EventSourceMappings"]]

    def _mapping(self) -> EventSourceMappingConfigurationTypeDef:
        answer = self._client.list_event_source_mappings(FunctionName=self.worker)
        mappings = answer["EventSourceMappings"]
        if len(mappings) != 1:
            raise StackError(
                f"{self.worker} has {len(mappings)} event source mappings instead of one: deploy"
                " again"
            )
        return mappings[0]

    def _scale_mapping(self, mapping: str, scaling: ScalingConfigTypeDef) -> None:
        self._client.update_event_source_mapping(UUID=mapping, ScalingConfig=scaling)
        self._wait_for_mapping(mapping, "Enabled")

    def _wait_for_mapping(self, mapping: str, *wanted: str) -> str:
        return wait_until(
            lambda: self._client.get_event_source_mapping(UUID=mapping)["State"],
            lambda state: state in wanted,
            deadline=_MAPPING_SECONDS,
            what=f"the mapping to be {' or '.join(wanted).lower()}",
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
