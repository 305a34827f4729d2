"""What this checkout knows about its own LocalStack, and its locks between processes."""

import contextlib
import fcntl
import os
from collections.abc import Callable, Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LOCAL = ROOT / ".local"
LOCAL_INFRA = LOCAL / "infra"
WORKER_PACKAGE = ROOT / "build" / "worker.zip"
LOCALSTACK_SCRIPT = ROOT / "scripts" / "localstack.sh"

DEFAULT_PORT = 4566
# what messages suggest if another program has the default
OTHER_PORT = 4600


def port() -> int:
    """The port of this checkout's LocalStack, as `make up` wrote it down."""
    noted = _read("localstack.port")
    return int(noted) if noted.isdecimal() else DEFAULT_PORT


def local_endpoint() -> str:
    """The URL of this checkout's LocalStack, or of the emulator that STACK_ENDPOINT names."""
    return os.environ.get("STACK_ENDPOINT") or f"http://localhost:{port()}"


def runtime() -> str:
    """How LocalStack runs or ran last: "docker", "embedded", or "" if it never ran."""
    return _read("localstack.runtime")


def process_id() -> int | None:
    """The process id of the embedded LocalStack; None if none was started."""
    noted = _read("localstack.pid")
    return int(noted) if noted.isdecimal() else None


def state_id() -> str:
    """The id of the LocalStack state that the Terraform state describes; "" if there is none.

    scripts/localstack.sh writes it, after the runtime: "embedded 0f3c...".
    """
    return _read("infra/localstack").partition(" ")[2]


def _read(name: str) -> str:
    path = LOCAL / name
    return path.read_text().strip() if path.is_file() else ""


@contextlib.contextmanager
def process_lock(
    name: str, *, shared: bool = False, waiting: Callable[[], None] = lambda: None
) -> Iterator[None]:
    """Holds a lock until the end of the block, or of this process.

    It is shared by all processes of this checkout: parallel tests, and commands of a user.

    :param waiting: called before it waits for another process
    """
    folder = LOCAL / "locks"
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / name).open("w") as file:
        mode = fcntl.LOCK_SH if shared else fcntl.LOCK_EX
        try:
            fcntl.flock(file, mode | fcntl.LOCK_NB)
        except BlockingIOError:
            waiting()
            fcntl.flock(file, mode)
        yield
