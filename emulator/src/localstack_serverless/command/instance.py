"""One LocalStack and the folder that everything of it is in."""

import contextlib
import fcntl
import http.client
import json
import os
import shlex
import shutil
import signal
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from . import folders, processes
from .errors import PROGRAM, CommandError
from .progress import Progress

DEFAULT_PORT = 4566
STOP_SECONDS = 30
ANSWER_SECONDS = 1
INTERRUPTS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@dataclass(frozen=True)
class Instance:
    """:param folder: absolute; it need not exist yet"""

    folder: Path

    @property
    def volume(self) -> Path:
        """What LocalStack takes for the root of its file system."""
        return self.folder / "volume"

    @property
    def libraries(self) -> Path:
        """Where LocalStack looks for what it installs."""
        return self.volume / "var" / "lib" / "localstack" / "lib"

    @property
    def temporary(self) -> Path:
        return self.folder / "tmp"

    @property
    def log(self) -> Path:
        return self.folder / "localstack.log"

    @property
    def pid_file(self) -> Path:
        """Holds LocalStack's process id while it runs."""
        return self.folder / "localstack.pid"

    @property
    def port_file(self) -> Path:
        """Holds the port, from the first start on: URLs of kept resources have it in them."""
        return self.folder / "localstack.port"

    @property
    def ready_file(self) -> Path:
        """Is there once LocalStack was ready: from then on it may have something to write."""
        return self.folder / "localstack.ready"

    @property
    def stopping_file(self) -> Path:
        """Is there while LocalStack ends in order, also after an interrupted `stop`."""
        return self.folder / "localstack.stopping"

    def pid(self) -> int | None:
        """The process id of this folder's LocalStack, where it runs."""
        pid = _number(self.pid_file)
        return pid if pid and processes.localstack_folder(pid) == self.volume else None

    def port(self) -> int | None:
        """The port that it listens on, or did when it ran last."""
        return _number(self.port_file)

    @property
    def endpoint(self) -> str:
        return f"http://localhost:{self.port() or DEFAULT_PORT}"

    def command(self, name: str) -> str:
        """The command line that does something to this instance, for messages."""
        if self.folder == folders.default_state():
            return f"{PROGRAM} {name}"
        return f"{PROGRAM} {name} --state {shlex.quote(str(self.folder))}"

    def get(self, path: str) -> Any:
        """What LocalStack answers, from JSON.

        :raises OSError: it does not answer
        :raises ValueError: something else answers
        """
        url = f"http://127.0.0.1:{self.port() or DEFAULT_PORT}{path}"
        # whatever proxy the user's environment names is not for this machine
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        try:
            with _uninterrupted(), opener.open(url, timeout=ANSWER_SECONDS) as response:
                return json.load(response)
        except http.client.HTTPException as error:
            raise OSError(f"{url} is not answered in HTTP: {error!r}") from error

    def is_ready(self) -> bool:
        """Whether its services are there; it answers before they are."""
        try:
            return bool(self.get("/_localstack/init/ready")["completed"])
        except (OSError, ValueError):
            return False

    def state(self) -> dict[str, Any]:
        """What the plugin says of the state that LocalStack keeps; empty where it keeps none."""
        try:
            return dict(self.get("/_localstack/state"))
        except (OSError, ValueError):
            return {}

    def is_starting(self) -> bool:
        """Whether it certainly has not served yet; one that is busy or hangs may well have."""
        if self.ready_file.exists():
            return False
        try:
            return not self.get("/_localstack/init/ready")["completed"]
        except urllib.error.URLError as error:
            return isinstance(error.reason, ConnectionRefusedError)
        except (OSError, ValueError):
            return False

    @contextlib.contextmanager
    def lock(self) -> Iterator[None]:
        """Only one command at a time starts the instance.

        :raises CommandError: another one does
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        with (self.folder / "localstack.lock").open("w") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise CommandError(
                    f"another command is starting LocalStack in {self.folder}: wait for it, or end"
                    f" it with Ctrl-C there; `{self.command('status')}` shows when it runs"
                ) from None
            yield

    def stop(self, pid: int) -> None:
        """End LocalStack in order, so that it writes what it keeps."""
        if self.is_starting():
            self.kill(pid)
            return
        self.stopping_file.touch()
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGTERM)
        progress = Progress("stopping LocalStack, which writes its state")
        while processes.session(pid):
            if progress.seconds > STOP_SECONDS:
                break
            progress.wait()
        self.kill(pid)

    def kill(self, pid: int) -> None:
        """End LocalStack and what it started by SIGKILL, as a crash would."""
        processes.kill_session(pid)
        self.clean_up()

    def clean_up(self) -> None:
        """Remove what a LocalStack that has ended leaves behind."""
        processes.end_jar(self.dynamodb_jar)
        self.pid_file.unlink(missing_ok=True)
        self.ready_file.unlink(missing_ok=True)
        self.stopping_file.unlink(missing_ok=True)
        shutil.rmtree(self.temporary, ignore_errors=True)

    @property
    def dynamodb_jar(self) -> Path:
        """By this path, which no other instance uses, DynamoDB Local is started."""
        return self.libraries / "dynamodb-local" / "2" / "DynamoDBLocal.jar"


@contextlib.contextmanager
def _uninterrupted() -> Iterator[None]:
    """Ctrl-C counts at the end of the block: in the middle of an HTTP answer, Python complains."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, INTERRUPTS)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _number(file: Path) -> int | None:
    try:
        return int(file.read_text())
    except (OSError, ValueError):
        return None
