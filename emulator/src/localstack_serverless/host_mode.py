"""LocalStack as a process instead of a container: without root, and without its downloads."""

import shutil
import tempfile
from pathlib import Path
from typing import Any

from localstack.services.dynamodb.server import DynamodbServer

# The JVM lives for hours at most. These options halve the CPU time of its start and of each write.
JAVA_OPTIONS = ("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-XX:-UsePerfData")


def s3_temporary_folder() -> str:
    """Where S3 keeps functions' packages, among others."""
    return str(Path(tempfile.gettempdir(), "localstack-s3-storage"))


def dynamodb_command(create: Any, server: DynamodbServer) -> list[str]:
    """Wraps DynamodbServer._create_shell_command.

    Leaves out the agent that lifts the limit of 20 indexes if it is not installed, keeps the JVM's
    files out of the system's temporary folder, and ends the JVM with LocalStack.
    """
    java, *options = create(server)
    options = [option for option in options if not _is_missing_agent(option)]
    command = [java, *JAVA_OPTIONS, f"-Djava.io.tmpdir={tempfile.gettempdir()}", *options]
    # the JVM gets the signal when the thread that started it ends; that thread waits for the JVM,
    # so it ends with LocalStack
    return ["setpriv", "--pdeathsig", "KILL", *command] if shutil.which("setpriv") else command


def _is_missing_agent(option: str) -> bool:
    prefix = "-javaagent:"
    return option.startswith(prefix) and not Path(option.removeprefix(prefix)).exists()
