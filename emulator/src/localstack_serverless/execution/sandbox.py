"""The process of an execution environment, its Runtime API and its log.

An execution environment outlives its process: after the process died, or was killed at the
function's timeout, the next invocation gets a new process in the same environment.
"""

import os
import shutil
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from . import layers
from .aws_calls import DirectAwsCalls
from .memory import MemoryWatch
from .priority import NICENESS
from .runtime_api import Ending, Report, RuntimeApi
from .runtimes import RUNTIMES, libraries

INIT_TIMEOUT_SECONDS = 10
PATH = "/usr/local/bin:/usr/bin:/bin"
AWS_CALLS = DirectAwsCalls()


def _library_env(layers_root: Path | None) -> dict[str, str]:
    """The search paths of programs and shared libraries."""
    if layers_root is None:
        return {"PATH": f"{PATH}:/opt/bin"}
    env = {"PATH": f"{PATH}:{layers_root / 'bin'}"}
    if (layers_root / "lib").is_dir():
        env["LD_LIBRARY_PATH"] = str(layers_root / "lib")
    return env


def _aws_endpoints(env: Mapping[str, str], address: str) -> dict[str, str]:
    """Send the function's calls of SQS and DynamoDB to its Runtime API's address, unless its own
    environment names an endpoint other than LocalStack's."""
    host, port = AWS_CALLS.gateway
    if env.get("AWS_ENDPOINT_URL") != f"http://{host}:{port}":
        return {}
    names = ("AWS_ENDPOINT_URL_SQS", "AWS_ENDPOINT_URL_DYNAMODB")
    return dict.fromkeys(names, f"http://{address}")


def _binds(tmp: str, layers_root: Path | None) -> dict[str, str]:
    """The folders to mount at fixed paths, where mounting is possible."""
    return {"/tmp": tmp} | ({"/opt": str(layers_root)} if layers_root else {})  # noqa: S108 - AWS's


@dataclass(frozen=True)
class Program:
    """What an execution environment runs.

    :param runtime: such as `python3.11`
    :param is_hot_reloaded: the files may change while it runs
    :param layers_root: the folder with the function's layers
    :param memory_mb: the function's memory size
    """

    runtime: str
    handler: str
    task_root: Path
    is_hot_reloaded: bool
    layers_root: Path | None
    memory_mb: int

    @property
    def module_path(self) -> list[Path]:
        return [self.task_root, *layers.module_path(self.layers_root, self.runtime)]


class Sandbox:
    """Starts the function's process; `wait_until_ready` and `invoke` then drive it.

    :param env: the function's environment variables, except those that depend on the process
    :raises RuntimeUnavailableError: the runtime is not on this machine
    """

    def __init__(self, program: Program, env: Mapping[str, str]) -> None:
        self._log = bytearray()
        self._tmp = tempfile.mkdtemp(prefix="lambda-env-")
        self._began = time.monotonic()
        self.init_seconds: float | None = None
        log_read, log_write = os.pipe()
        os.set_blocking(log_read, False)
        self._runtime_api = RuntimeApi(log_read, self._log.extend, AWS_CALLS)
        try:
            self._process = RUNTIMES.host(program.runtime).start(
                log_write,
                nice=NICENESS.get(),
                handler=program.handler,
                task_root=str(program.task_root),
                module_path=list(map(str, program.module_path)),
                bytecode=not program.is_hot_reloaded,
                binds=_binds(self._tmp, program.layers_root),
                env={
                    **_library_env(program.layers_root),
                    "LANG": "en_US.UTF-8",
                    "TZ": ":UTC",
                    **_aws_endpoints(env, self._runtime_api.address),
                    **env,
                    "AWS_EXECUTION_ENV": f"AWS_Lambda_{program.runtime}",
                    "AWS_LAMBDA_RUNTIME_API": self._runtime_api.address,
                    "LAMBDA_TASK_ROOT": str(program.task_root),
                    "LAMBDA_RUNTIME_DIR": str(libraries(program.runtime)),
                    # not the machine's, as boto3 reads $HOME/.aws
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
        self._memory = MemoryWatch(self._process.pid, program.memory_mb)
        self._runtime_api.watch(self._process.pidfd, self._memory)

    @property
    def is_running(self) -> bool:
        return self._process.is_running

    @property
    def exit_status(self) -> int | None:
        """As from os.waitpid; None while the process runs, or if its host died."""
        return self._process.status

    def wait_until_ready(self, timeout: float) -> Report:
        """Wait for the function's init to end.

        :param timeout: the function's timeout in seconds; an init that takes longer than the init
            phase allows may continue for this long
        """
        report = self._runtime_api.wait_until_ready(
            max(self._began + INIT_TIMEOUT_SECONDS, time.monotonic()) + timeout
        )
        if self.init_seconds is None:
            self.init_seconds = time.monotonic() - self._began
        return self._settle(report)

    def invoke(self, event: bytes, headers: list[tuple[str, str]], timeout: float) -> Report:
        """Run the handler; `headers` are the Runtime API's headers of the invocation."""
        deadline = time.monotonic() + timeout
        return self._settle(self._runtime_api.invoke(event, headers, deadline))

    def kill(self) -> bool:
        """Kill the process, even during an invocation; returns whether it was running."""
        was_running = self.is_running
        self._process.kill()
        return was_running

    def exhaust_memory(self) -> None:
        """Kill the process as if it had used more than its memory size."""
        self._memory.outgrow()
        self._process.kill()

    def time_out(self) -> Report:
        """Kill the process as at the function's timeout."""
        return self._settle(Report(Ending.TIMED_OUT))

    def log(self, line: str) -> None:
        """Add a platform line to the log."""
        self._log += line.encode()

    def take_log(self) -> str:
        """What the function and the platform wrote since the last call."""
        if self.is_running:
            self._runtime_api.drain_logs()
        taken = self._log.decode(errors="replace")
        self._log.clear()
        return taken

    @property
    def peak_memory_mb(self) -> int:
        """The peak of the process and its children in MB; at most the memory size."""
        return self._memory.peak_mb

    def close(self) -> None:
        """Kill the process and release its resources. Not during an invocation."""
        self._process.kill()
        self._runtime_api.close()
        shutil.rmtree(self._tmp, ignore_errors=True)

    def _settle(self, report: Report) -> Report:
        if report.ending is Ending.NEXT:
            return report
        self._memory.finish()
        if self._memory.is_outgrown:
            report = Report(Ending.OUT_OF_MEMORY)
        if report.ending in (Ending.TIMED_OUT, Ending.INIT_ERROR, Ending.OUT_OF_MEMORY):
            self._process.kill()
            self._runtime_api.drain_logs()
        elif report.ending is Ending.EXITED:
            # the pidfd becomes readable a moment before the host reports the status
            self._process.ended.wait(1)
        return report
