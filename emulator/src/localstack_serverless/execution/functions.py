"""What LocalStack's Lambda service leaves out or refuses around the execution of functions."""

import contextlib
from collections import defaultdict
from typing import Any

from localstack.services.lambda_.invocation.assignment import AssignmentService
from localstack.services.lambda_.invocation.execution_environment import ExecutionEnvironment
from localstack.services.lambda_.invocation.lambda_models import Invocation
from localstack.services.lambda_.invocation.lambda_service import LambdaService
from localstack.utils.patch import patch

from .concurrent_dict import ConcurrentDict
from .environment import ProcessRuntimeExecutor


def apply_patches() -> None:
    @patch(AssignmentService.__init__)
    def init(init_service: Any, self: AssignmentService) -> None:
        """LocalStack walks over a function's environments while other invocations start and stop
        some, which would end the walk, and with it the invocation."""
        init_service(self)
        self.environments = defaultdict(ConcurrentDict)

    @patch(LambdaService.stop_version)
    def stop_version(stop: Any, self: LambdaService, qualified_arn: str) -> None:
        """Let a function in state Failed be deleted: it has nothing that could be stopped."""
        with contextlib.suppress(ValueError):
            stop(self, qualified_arn)

    @patch(ExecutionEnvironment.get_log_group_name)
    def get_log_group_name(get: Any, self: ExecutionEnvironment) -> str:
        """The log group that the function's logging configuration names."""
        config = self.function_version.config.logging_config or {}
        name: str = config.get("LogGroup") or get(self)
        return name

    @patch(ExecutionEnvironment.invoke)
    def invoke(invoke_runtime: Any, self: ExecutionEnvironment, invocation: Invocation) -> Any:
        """Hand on the caller's client context, which the payload for the executor lacks."""
        if isinstance(self.runtime_executor, ProcessRuntimeExecutor):
            self.runtime_executor.client_context = invocation.client_context or ""
        return invoke_runtime(self, invocation)
