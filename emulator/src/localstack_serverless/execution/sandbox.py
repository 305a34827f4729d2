"""One life of an execution environment: a process, its Runtime API and its log.

An execution environment outlives its process: when that dies, or is killed at the function's
timeout, the next invocation gets a new one in the same environment.
"""

import os
import shutil
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path

from .runtime_api import Ending, Report, RuntimeApi
from .runtimes import RUNTIMES

INIT_TIMEOUT_SECONDS = 10
PATH = "/usr/local/bin:/usr/bin:/bin:/opt/bin"


class Sandbox:
    """Starts the function's process; `wait_until_ready` and `invoke` then drive it.

    :param runtime: such as `python3.11`
    :param env: the function's whole environment but for what depends on the process
    :raises RuntimeUnavailableError: the runtime is not on this machine
    """

    def __init__(self, runtime: str, handler: str, task_root: Path, env: Mapping[str, str]) -> None:
        self._log = bytearray()
        self._tmp = tempfile.mkdtemp(prefix="lambda-env-")
        self._began = time.monotonic()
        self.init_seconds: float | None = None
        log_read, log_write = os.pipe()
        os.set_blocking(log_read, False)
        self._runtime_api = RuntimeApi(log_read, self._log.extend)
        try:
            self._process = RUNTIMES.host(runtime).start(
                log_write,
                handler=handler,
                task_root=str(task_root),
                env={
                    "PATH": PATH,
                    "LANG": "en_US.UTF-8",
                    "TZ": ":UTC",
                    **env,
                    "AWS_EXECUTION_ENV": f"AWS_Lambda_{runtime}",
                    "AWS_LAMBDA_RUNTIME_API": self._runtime_api.address,
                    "LAMBDA_TASK_ROOT": str(task_root),
                    # of its own, and not the host's: boto3 reads $HOME/.aws
                    "HOME": self._tmp,
                    "TMPDIR": self._tmp,
                },
            )
        except BaseException:
            self._runtime_api.close()
            shutil.rmtree(self._tmp, ignore_errors=True)
            raise
        finally:
            os.close(log_write)
        self._runtime_api.watch(self._process.pidfd)

    @property
    def is_running(self) -> bool:
        return self._process.is_running

    @property
    def exit_status(self) -> int | None:
        """As os.waitpid tells it; None while the process runs or when its host died."""
        return self._process.status

    def wait_until_ready(self, timeout: float) -> Report:
        """Wait for the function's init to end.

        :param timeout: the function's, in seconds; an init that takes longer than the init phase
            may goes on within it
        """
        report = self._runtime_api.wait_until_ready(
            max(self._began + INIT_TIMEOUT_SECONDS, time.monotonic()) + timeout
        )
        if self.init_seconds is None:
            self.init_seconds = time.monotonic() - self._began
        return self._settle(report)

    def invoke(self, event: bytes, headers: list[tuple[str, str]], timeout: float) -> Report:
        """Run the handler; `headers` are the Runtime API's of the invocation."""
        deadline = time.monotonic() + timeout
        return self._settle(self._runtime_api.invoke(event, headers, deadline))

    def log(self, line: str) -> None:
        """Add a platform line to the log."""
        self._log += line.encode()

    def take_log(self) -> str:
        """What the function wrote, and the platform, since the last call."""
        if self.is_running:
            self._runtime_api.drain_logs()
        taken = self._log.decode(errors="replace")
        self._log.clear()
        return taken

    def peak_memory_mb(self) -> int:
        return self._process.peak_memory_mb()

    def close(self) -> None:
        """End the process and release what it held. Not while an invocation is under way."""
        self._process.kill()
        self._runtime_api.close()
        shutil.rmtree(self._tmp, ignore_errors=True)

    def _settle(self, report: Report) -> Report:
        if report.ending in (Ending.TIMED_OUT, Ending.INIT_ERROR):
            self._process.kill()
            self._runtime_api.drain_logs()
        elif report.ending is Ending.EXITED:
            # the pidfd tells of the end a moment before the host tells the status
            self._process.ended.wait(1)
        return report
