"""The worker's event source mappings, one for each queue."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from rdp.stack.errors import StackError
from rdp.waiting import wait_until

if TYPE_CHECKING:
    from mypy_boto3_lambda import LambdaClient
    from mypy_boto3_lambda.type_defs import EventSourceMappingConfigurationTypeDef

_SECONDS = 60
# A mapping that is changing refuses another change.
_SETTLED = ("Enabled", "Disabled")


class MappingSettings(NamedTuple):
    batch_size: int
    window_seconds: int
    most_concurrent: int


class Mappings:
    """Each method changes all mappings, or none if one is missing.

    :raises StackError: the function does not have exactly one mapping for each queue
    """

    def __init__(self, client: LambdaClient, function: str, queues: Sequence[str]) -> None:
        """
        :param queues: their names
        """
        self._client = client
        self._function = function
        self._queues = queues

    def states(self) -> list[str]:
        """["Enabled", "Enabled"] if all is well."""
        answer = self._client.list_event_source_mappings(FunctionName=self._function)
        return [mapping["State"] for mapping in answer["EventSourceMappings"]]

    @contextlib.contextmanager
    def paused(self) -> Iterator[None]:
        """They are disabled until the end."""
        try:
            for mapping in self._found():
                self._client.update_event_source_mapping(UUID=mapping["UUID"], Enabled=False)
            for mapping in self._found():
                self._wait_for(mapping["UUID"], "Disabled")
            yield
        finally:
            self.resume()

    def resume(self) -> bool:
        """Enable them. Returns whether one was disabled."""
        ids = [mapping["UUID"] for mapping in self._found()]
        disabled = [one for one in ids if self._wait_for(one, *_SETTLED) == "Disabled"]
        for one in disabled:
            self._client.update_event_source_mapping(UUID=one, Enabled=True)
        for one in disabled:
            self._wait_for(one, "Enabled")
        return bool(disabled)

    @contextlib.contextmanager
    def limited_to(self, batches: int) -> Iterator[None]:
        """Each has this MaximumConcurrency until the end."""
        before = self.concurrency()
        try:
            self.set_concurrency(dict.fromkeys(before, batches))
            yield
        finally:
            self.set_concurrency(before)

    def concurrency(self) -> dict[str, int]:
        """The MaximumConcurrency by mapping."""
        return {
            mapping["UUID"]: mapping["ScalingConfig"]["MaximumConcurrency"]
            for mapping in self._found()
        }

    def set_concurrency(self, batches: Mapping[str, int]) -> None:
        """Takes what `concurrency` returns."""
        for one, most in batches.items():
            self._client.update_event_source_mapping(
                UUID=one, ScalingConfig={"MaximumConcurrency": most}
            )
        for one in batches:
            self._wait_for(one, *_SETTLED)

    def settings(self, queue: str) -> MappingSettings:
        """How batches of the queue with this name are formed."""
        [found] = [each for each in self._found() if _queue(each) == queue]
        return MappingSettings(*_batching(found), found["ScalingConfig"]["MaximumConcurrency"])

    @contextlib.contextmanager
    def batching(self, batch_size: int, window_seconds: int) -> Iterator[None]:
        """Each forms batches like this until the end."""
        before = {mapping["UUID"]: _batching(mapping) for mapping in self._found()}
        try:
            self._set_batching(dict.fromkeys(before, (batch_size, window_seconds)))
            yield
        finally:
            self._set_batching(before)

    def _set_batching(self, batching: Mapping[str, tuple[int, int]]) -> None:
        for one, (batch_size, window_seconds) in batching.items():
            self._client.update_event_source_mapping(
                UUID=one, BatchSize=batch_size, MaximumBatchingWindowInSeconds=window_seconds
            )
        for one in batching:
            self._wait_for(one, *_SETTLED)

    def _found(self) -> list[EventSourceMappingConfigurationTypeDef]:
        answer = self._client.list_event_source_mappings(FunctionName=self._function)
        mappings = answer["EventSourceMappings"]
        found = sorted(map(_queue, mappings))
        if found != sorted(self._queues):
            raise StackError(
                f"{self._function} has event source mappings for {', '.join(found) or 'no queue'}"
                f" instead of one for each of {', '.join(self._queues)}: deploy again"
            )
        return mappings

    def _wait_for(self, mapping: str, *wanted: str) -> str:
        return wait_until(
            lambda: self._client.get_event_source_mapping(UUID=mapping)["State"],
            lambda state: state in wanted,
            deadline=_SECONDS,
            what=f"the mapping to be {' or '.join(wanted).lower()}",
        )


def _queue(mapping: EventSourceMappingConfigurationTypeDef) -> str:
    return mapping["EventSourceArn"].rpartition(":")[2]


def _batching(mapping: EventSourceMappingConfigurationTypeDef) -> tuple[int, int]:
    return mapping["BatchSize"], mapping.get("MaximumBatchingWindowInSeconds", 0)
