"""Corrections of LocalStack's Lambda service around the execution of functions."""

import contextlib
from collections import defaultdict
from typing import Any

from localstack.services.lambda_.invocation.assignment import AssignmentService
from localstack.services.lambda_.invocation.execution_environment import ExecutionEnvironment
from localstack.services.lambda_.invocation.lambda_models import Invocation
from localstack.services.lambda_.invocation.lambda_service import LambdaService

from .concurrent_dict import ConcurrentDict
from .environment import ProcessRuntimeExecutor


def init_assignment_service(init: Any, service: AssignmentService) -> None:
    """Wraps AssignmentService.__init__."""
    init(service)
    service.environments = defaultdict(ConcurrentDict)


def stop_version(stop: Any, service: LambdaService, qualified_arn: str) -> None:
    """Wraps LambdaService.stop_version, which raises ValueError if there is nothing to stop."""
    with contextlib.suppress(ValueError):
        stop(service, qualified_arn)


def get_log_group_name(get: Any, environment: ExecutionEnvironment) -> str:
    """Wraps ExecutionEnvironment.get_log_group_name."""
    config = environment.function_version.config.logging_config or {}
    name: str = config.get("LogGroup") or get(environment)
    return name


def invoke(run: Any, environment: ExecutionEnvironment, invocation: Invocation) -> Any:
    """Wraps ExecutionEnvironment.invoke, whose payload for the executor has no client context."""
    if isinstance(environment.runtime_executor, ProcessRuntimeExecutor):
        environment.runtime_executor.client_context = invocation.client_context or ""
    return run(environment, invocation)
