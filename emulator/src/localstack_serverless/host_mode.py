"""LocalStack as a process instead of in its container, by any user, without its downloads."""

import shutil
import tempfile
from pathlib import Path
from typing import Any

from localstack.services.dynamodb.server import DynamodbServer
from localstack.services.s3 import provider as s3_provider
from localstack.utils.patch import patch

# Of a JVM that lives for hours at most: half the CPU at its start, and half for each write too.
JAVA_OPTIONS = ("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-XX:-UsePerfData")


def apply_patches() -> None:
    # the functions' packages; the fixed path below /tmp belongs to whoever used it first
    s3_provider.DEFAULT_S3_TMP_DIR = str(Path(tempfile.gettempdir(), "localstack-s3-storage"))

    @patch(DynamodbServer._create_shell_command)
    def _create_shell_command(create: Any, self: DynamodbServer) -> list[str]:
        """DynamoDB Local without the agent that lifts its limit of 20 indexes, where that is not
        installed; without files in the system's temporary folder; and not outliving LocalStack."""
        java, *options = create(self)
        options = [option for option in options if not _is_missing_agent(option)]
        command = [java, *JAVA_OPTIONS, f"-Djava.io.tmpdir={tempfile.gettempdir()}", *options]
        # the thread that starts it waits for it, so that its end is LocalStack's
        return ["setpriv", "--pdeathsig", "KILL", *command] if shutil.which("setpriv") else command


def _is_missing_agent(option: str) -> bool:
    prefix = "-javaagent:"
    return option.startswith(prefix) and not Path(option.removeprefix(prefix)).exists()
