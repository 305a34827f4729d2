"""What this checkout knows of its own LocalStack, and its locks between processes."""

import contextlib
import fcntl
import os
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LOCAL = ROOT / ".local"
LOCAL_INFRA = LOCAL / "infra"
WORKER_PACKAGE = ROOT / "build" / "worker.zip"
LOCALSTACK_SCRIPT = ROOT / "scripts" / "localstack.sh"

DEFAULT_PORT = 4566


def port() -> int:
    """The port of this checkout's LocalStack, as `make up` noted it."""
    noted = _read("localstack.port")
    return int(noted) if noted.isdecimal() else DEFAULT_PORT


def local_endpoint() -> str:
    """STACK_ENDPOINT names another emulator that has the stack."""
    return os.environ.get("STACK_ENDPOINT") or f"http://localhost:{port()}"


def runtime() -> str:
    """How LocalStack runs, or ran last: "docker", "embedded", or "" where nothing runs."""
    return _read("localstack.runtime")


def process_id() -> int | None:
    """Of the embedded LocalStack; None where none was started."""
    noted = _read("localstack.pid")
    return int(noted) if noted.isdecimal() else None


def state_id() -> str:
    """The id of the LocalStack state that the Terraform state describes; "" where there is none.

    scripts/localstack.sh writes it, after the runtime: "embedded 0f3c...".
    """
    return _read("infra/localstack").partition(" ")[2]


def _read(name: str) -> str:
    path = LOCAL / name
    return path.read_text().strip() if path.is_file() else ""


@contextlib.contextmanager
def process_lock(name: str, *, shared: bool = False) -> Iterator[None]:
    """Held until the end of the block. The system releases it when this process ends.

    For processes of this checkout: parallel tests, and the commands that a person runs.
    """
    folder = LOCAL / "locks"
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / name).open("w") as file:
        fcntl.flock(file, fcntl.LOCK_SH if shared else fcntl.LOCK_EX)
        yield
