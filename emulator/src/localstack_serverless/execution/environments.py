"""Finds the execution environments of a function in LocalStack's Lambda service."""

from collections.abc import Iterator

from ..services import lambda_service
from .environment import ProcessRuntimeExecutor


def kill_all(function_name: str) -> int:
    """Kill the processes of the function's environments; returns how many there were."""
    return sum(executor.kill() for executor in list(_executors(function_name)))


def _executors(function_name: str) -> Iterator[ProcessRuntimeExecutor]:
    for environments in list(lambda_service().assignment_service.environments.values()):
        for environment in list(environments.values()):
            executor = environment.runtime_executor
            if environment.function_version.id.function_name == function_name and isinstance(
                executor, ProcessRuntimeExecutor
            ):
                yield executor
