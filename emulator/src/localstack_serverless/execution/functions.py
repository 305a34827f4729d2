"""Functions that could not be started, such as those of a runtime that is not on this machine."""

import contextlib
from typing import Any

from localstack.services.lambda_.invocation.lambda_service import LambdaService
from localstack.utils.patch import patch


def apply_patches() -> None:
    @patch(LambdaService.stop_version)
    def stop_version(stop: Any, self: LambdaService, qualified_arn: str) -> None:
        """Let a function in state Failed be deleted: it has nothing that could be stopped."""
        with contextlib.suppress(ValueError):
            stop(self, qualified_arn)
