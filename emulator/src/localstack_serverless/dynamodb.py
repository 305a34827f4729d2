"""DynamoDB Local where LocalStack's own patches for it could not be downloaded.

LocalStack starts it with a Java agent that lifts the limit of 20 indexes. Where the agent's jar is
missing, it starts without it, on the Java that `make up` found.
"""

from pathlib import Path
from typing import Any

from localstack.services.dynamodb.server import DynamodbServer
from localstack.utils.patch import patch


def apply_patches() -> None:
    @patch(DynamodbServer._create_shell_command)
    def _create_shell_command(create: Any, self: DynamodbServer) -> list[str]:
        command: list[str] = create(self)
        return [part for part in command if not _is_missing_agent(part)]


def _is_missing_agent(option: str) -> bool:
    prefix = "-javaagent:"
    return option.startswith(prefix) and not Path(option.removeprefix(prefix)).exists()
