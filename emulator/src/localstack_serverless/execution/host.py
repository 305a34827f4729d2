"""Forks execution environments from one warm interpreter.

Runs in the interpreter of a Lambda runtime (python3.x with awslambdaric and boto3) instead of
LocalStack's, so it uses the standard library only. LocalStack starts one host for each runtime, and
sends it one message for each execution environment to start:

    {"id": str, "nice": int, "handler": str, "env": {str: str}, "task_root": str,
     "module_path": [str], "bytecode": bool, "binds": {mount point: folder}}
                                                                   + the log pipe's descriptor

The host forks, and the child becomes the function's process. It gets its own process group (but not
its own session, as the kernel's autogroups would give each session as much CPU as all of
LocalStack), only the environment variables from the message, the nice value, the task root as
working directory, and the log pipe as stdout and stderr. If the host is root, and no path that the
function needs would be hidden, the process also gets its own mount namespace with the folders at
their mount points. The host answers now, and again when the process ends:

    {"id": str, "pid": int}      {"id": str, "status": int}               (from os.waitpid)

Forking a warm interpreter shares its memory, and saves each environment the imports and the reading
of botocore's data files, which take most of the time of creating a client. A function with other
versions of the imported packages, or with variables that an interpreter reads when it starts, gets
a fresh interpreter instead.

The host ends when its socket is closed. So when LocalStack ends for whatever reason, the host kills
every process that it started, and the processes that these started. A process cannot escape by
leaving its process group, because orphans become children of the host.
"""

import contextlib
import ctypes
import filecmp
import functools
import gc
import importlib
import json
import os
import selectors
import signal
import socket
import sys
import time
from pathlib import Path
from typing import Any, NoReturn

PR_SET_PDEATHSIG = 1
PR_SET_NAME = 15
# the kernel keeps this much of a process's name
NAME_CHARACTERS = 15
PR_SET_CHILD_SUBREAPER = 36
CLONE_NEWNS = 0x20000
MS_BIND, MS_REC, MS_PRIVATE = 4096, 16384, 1 << 18
TMP = "/tmp"  # noqa: S108 - where a function's temporary folder is on AWS
LIBC = ctypes.CDLL(None, use_errno=True)
MAX_MESSAGE_BYTES = 64 * 1024
# For a function whose files change while it runs: Python uses outdated bytecode if the source has
# the same size and was saved in the same second.
WITHOUT_BYTECODE = {"PYTHONDONTWRITEBYTECODE": "1", "PYTHONPYCACHEPREFIX": os.devnull}
READ_AT_INTERPRETER_START = ("PYTHON", "LD_", "MALLOC_", "GLIBC_", "AWS_LAMBDA_EXEC_WRAPPER")

# Without awslambdaric.bootstrap: it loads the C client, which reads AWS_LAMBDA_RUNTIME_API when it
# is loaded.
PRELOADED = (
    "awslambdaric.lambda_context",
    "awslambdaric.lambda_runtime_log_utils",
    "awslambdaric.lambda_runtime_marshaller",
    "boto3",
)

# services that most functions call: their models are read only once
PRELOADED_SERVICES = ("dynamodb", "s3", "sqs")


def preload() -> dict[str, Path]:
    """Import what every function needs; return the top-level modules that this loaded, with their
    files."""
    before = set(sys.modules)
    for name in PRELOADED:
        importlib.import_module(name)
    share_botocore_data()
    names = {name.partition(".")[0] for name in set(sys.modules) - before}
    files = {name: getattr(sys.modules[name], "__file__", None) for name in names}
    return {name: _top(Path(file)) for name, file in files.items() if file}


def _top(file: Path) -> Path:
    """A package's folder, or a module's file."""
    return file.parent if file.stem == "__init__" else file


def share_botocore_data() -> None:
    """Cache botocore's own data files for all environments.

    Each client scans the folders of 400 services and parses some of their files, which takes
    100 ms; they never change.
    """
    from botocore import loaders
    from botocore.session import get_session

    loader, files = loaders.Loader, loaders.JSONFileLoader
    builtin = loader.BUILTIN_DATA_PATH
    load_file, list_services = files.load_file, loader.list_available_services
    load_builtin = functools.cache(functools.partial(load_file, files()))
    builtin_only = loader(extra_search_paths=[builtin], include_default_search_paths=False)
    list_builtin = functools.cache(functools.partial(list_services, builtin_only))

    def load(self: Any, path: str) -> Any:
        return load_builtin(path) if path.startswith(builtin) else load_file(self, path)

    def list_available_services(self: Any, type_name: str) -> Any:
        if [path for path in self.search_paths if os.path.isdir(path)] == [builtin]:  # noqa: PTH112
            return list_builtin(type_name)
        return list_services(self, type_name)

    files.load_file, loader.list_available_services = load, list_available_services
    session = get_session()
    for service in PRELOADED_SERVICES:
        # with keys, so that it does not search for credentials
        session.create_client(
            service,
            "us-east-1",
            aws_access_key_id="none",
            aws_secret_access_key="none",  # noqa: S106
        )


def needs_fresh_interpreter(
    module_path: list[str], env: dict[str, str], preloaded: dict[str, Path]
) -> bool:
    if any(name.startswith(READ_AT_INTERPRETER_START) for name in env):
        return True
    return any(
        entry.stem in preloaded and not same_sources(entry, preloaded[entry.stem])
        for folder in module_path
        for entry in Path(folder).iterdir()
    )


def same_sources(one: Path, other: Path) -> bool:
    """Whether two modules or packages are the same: many functions bring boto3's dependencies."""
    names = _sources(one)
    if names != _sources(other):
        return False
    return all(filecmp.cmp(one / name, other / name, shallow=False) for name in names)


def _sources(module: Path) -> set[str]:
    """The files of a package; for a module that is one file, an empty name."""
    if not module.is_dir():
        return {""}
    return {
        str(path.relative_to(module))
        for path in module.rglob("*")
        if path.is_file() and path.suffix != ".pyc"
    }


def mount(binds: dict[str, str], needed: list[str]) -> set[str]:
    """Mount folders at their mount points, in a new mount namespace of this process.

    Returns the mount points that were mounted: none if the host may not mount, and not those that
    would hide a path that the function needs.
    """
    wanted = {point: folder for point, folder in binds.items() if not _hides(point, needed)}
    if not wanted or LIBC.unshare(CLONE_NEWNS) != 0:
        return set()
    # otherwise the mounts would appear outside of this process as well
    if LIBC.mount(None, b"/", None, MS_REC | MS_PRIVATE, None) != 0:
        return set()
    return {
        point
        for point, folder in wanted.items()
        if LIBC.mount(folder.encode(), point.encode(), None, MS_BIND, None) == 0
    }


def _hides(mount_point: str, needed: list[str]) -> bool:
    return any(Path(path).resolve().is_relative_to(mount_point) for path in needed)


def become_function(start: dict[str, Any], log_fd: int, *, fresh: bool) -> NoReturn:
    """Turn this process, a child of the host, into the function's process."""
    os.setpgid(0, 0)
    os.nice(start["nice"])
    LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGCHLD):
        signal.signal(number, signal.SIG_DFL)
    signal.set_wakeup_fd(-1)
    null = os.open(os.devnull, os.O_RDONLY)
    os.dup2(null, 0)
    os.dup2(log_fd, 1)
    os.dup2(log_fd, 2)
    os.closerange(3, 1024)
    os.umask(0o022)
    os.environ.clear()
    os.environ.update(start["env"])
    os.chdir(start["task_root"])
    module_path = start["module_path"]
    if TMP in mount(start["binds"], [*module_path, __file__, sys.prefix, sys.base_prefix]):
        os.environ["HOME"] = TMP
        del os.environ["TMPDIR"]
    if not start["bytecode"]:
        # variables, for the processes that the function starts
        os.environ.update(WITHOUT_BYTECODE)
        sys.dont_write_bytecode, sys.pycache_prefix = True, os.devnull
    if fresh:
        arguments = [sys.executable, __file__, start["handler"], *module_path]
        if wrapper := os.environ.get("AWS_LAMBDA_EXEC_WRAPPER"):
            arguments.insert(0, wrapper)
        os.execv(arguments[0], arguments)  # noqa: S606 - the interpreter, or the function's wrapper
    time.tzset()
    run_function(start["handler"], module_path)


def run_function(handler: str, module_path: list[str]) -> NoReturn:
    """Run awslambdaric as AWS's runtime does. The module path has the task root, then the layers,
    then the runtime's packages."""
    from awslambdaric import bootstrap, lambda_runtime_client

    name_process(os.environ["AWS_LAMBDA_FUNCTION_NAME"])
    sys.argv = ["awslambdaric", handler]
    sys.path[:1] = module_path
    sys.stdout = os.fdopen(1, "w", buffering=1, closefd=False)
    sys.stderr = os.fdopen(2, "w", buffering=1, closefd=False)
    bootstrap.run(
        handler,
        lambda_runtime_client.LambdaRuntimeClient(os.environ["AWS_LAMBDA_RUNTIME_API"]),
    )
    sys.exit(0)


def name_process(function: str) -> None:
    """Name this process after its function, for ps and top. Names of one stack often differ only at
    their ends, so these are kept."""
    LIBC.prctl(PR_SET_NAME, function[-NAME_CHARACTERS:].encode())


class Host:
    def __init__(self, connection: socket.socket, preloaded: dict[str, Path]) -> None:
        self.connection = connection
        self.preloaded = preloaded
        self.running: dict[int, dict[str, Any]] = {}

    def serve(self) -> None:
        """Answer messages until LocalStack closes the socket."""
        wakeup_read, wakeup_write = socket.socketpair()
        for end in (wakeup_read, wakeup_write):
            end.setblocking(False)
        signal.set_wakeup_fd(wakeup_write.fileno(), warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        try:
            self.answer_messages(wakeup_read)
        finally:
            # children may end after the sockets are closed
            signal.set_wakeup_fd(-1)

    def answer_messages(self, wakeup: socket.socket) -> None:
        with selectors.DefaultSelector() as selector:
            selector.register(self.connection, selectors.EVENT_READ)
            selector.register(wakeup, selectors.EVENT_READ)
            while True:
                ready = {key.fileobj for key, _ in selector.select()}
                if wakeup in ready:
                    wakeup.recv(4096)
                    self.reap()
                if self.connection in ready and not self.receive():
                    return

    def receive(self) -> bool:
        """Handle one message; False if LocalStack has closed the socket."""
        message, descriptors, _, _ = socket.recv_fds(self.connection, MAX_MESSAGE_BYTES, 1)
        if not message:
            return False
        start = json.loads(message)
        # before the fork, so that filecmp's cache is kept for the next message
        fresh = needs_fresh_interpreter(start["module_path"], start["env"], self.preloaded)
        pid = os.fork()
        if pid == 0:
            try:
                become_function(start, descriptors[0], fresh=fresh)
            except SystemExit as ended:
                os._exit(ended.code if isinstance(ended.code, int) else 1)
            except BaseException:  # noqa: BLE001 - the child must not return to the host's loop
                sys.excepthook(*sys.exc_info())
                os._exit(1)
        os.close(descriptors[0])
        self.running[pid] = start
        self.send({"id": start["id"], "pid": pid})
        return True

    def reap(self) -> None:
        with contextlib.suppress(ChildProcessError):
            while True:
                pid, status = os.waitpid(-1, os.WNOHANG)
                if pid == 0:
                    return
                if start := self.running.pop(pid, None):
                    kill_group(pid)
                    kill_orphans_of(start["env"]["AWS_LAMBDA_RUNTIME_API"])
                    self.send({"id": start["id"], "status": status})

    def send(self, message: dict[str, Any]) -> None:
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            self.connection.send(json.dumps(message).encode())

    def kill_all(self) -> None:
        for pid in self.running:
            kill_group(pid)
        # including orphans, until all are gone
        while remaining := children():
            for pid in remaining:
                kill(pid)
            os.waitpid(-1, 0)


def kill_group(pid: int) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, signal.SIGKILL)


def kill(pid: int) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.kill(pid, signal.SIGKILL)


def kill_orphans_of(runtime_api: str) -> None:
    """Kill the processes that an execution environment left behind, found by their environment."""
    mark = f"AWS_LAMBDA_RUNTIME_API={runtime_api}".encode()
    for pid in children():
        with contextlib.suppress(OSError):
            if mark in Path(f"/proc/{pid}/environ").read_bytes().split(b"\0"):
                kill(pid)


def children() -> list[int]:
    with contextlib.suppress(OSError):
        return [int(pid) for pid in Path("/proc/thread-self/children").read_text().split()]
    return []


def main() -> None:
    LIBC.prctl(PR_SET_CHILD_SUBREAPER, 1)
    # Ctrl-C in the terminal reaches the whole foreground group; LocalStack decides when to end.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    host = Host(socket.socket(fileno=int(sys.argv[2])), preload())
    # what is loaded now stays: if the collector touched its pages, forks would have to copy them
    gc.freeze()
    try:
        host.serve()
    finally:
        host.kill_all()


if __name__ == "__main__":
    if sys.argv[1] == "--host":
        main()
    else:
        run_function(sys.argv[1], sys.argv[2:])
