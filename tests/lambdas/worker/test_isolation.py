import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from signal import SIGKILL, raise_signal
from socket import MSG_PEEK, socket
from threading import Thread
from types import SimpleNamespace
from typing import Any

import psutil
import pytest

import worker
from pipeline.contract import MAX_TEXT_BYTES
from pipeline.errors import CrashError, PermanentError, TransientError
from tests.lambdas.builders import delivery
from worker import isolation
from worker.faults import Faults
from worker.processing import Job, process

TIMEOUT = 30.0
MEMORY = 64 << 20

run_in_child = partial(isolation.run_in_child, memory_bytes=MEMORY)

# Not `regions`: only a setting needs it.
REDACTION = ("decoding", "formats", "labels", "redactor", "surroundings")


def job(text: str = "a", seconds: float = 0) -> Job:
    return partial(process, text, seconds)


# The child has no test modules: its jobs are made of the standard library and the worker.
KILL: Any = partial(raise_signal, SIGKILL)
EXIT: Any = sys.exit
TAKE_128_MB: Any = partial(bytearray, 128 << 20)


def faulty(kind: str) -> Job:
    return Faults(enabled=True).inject(job(), delivery(kind=kind))


def test_child_redacts() -> None:
    modified = run_in_child(job("日本 555-0199 🎉\n\x00"), timeout=TIMEOUT)

    assert modified == "日本 [REDACTED] 🎉\n\x00"


def test_job_that_kills_its_process_is_a_transient_error() -> None:
    with pytest.raises(CrashError, match="The record's process was killed by SIGKILL"):
        run_in_child(KILL, timeout=TIMEOUT)


def test_job_that_exits_is_a_transient_error() -> None:
    with pytest.raises(CrashError, match="The record's process exited with status 1"):
        run_in_child(EXIT, timeout=TIMEOUT)


def test_job_that_hangs_is_killed_in_time() -> None:
    started = time.monotonic()

    with pytest.raises(TransientError, match=r"was killed after 0\.2 s"):
        run_in_child(job(seconds=60), timeout=0.2)
    assert time.monotonic() - started < 30


def test_job_that_crashes_reveals_nothing_of_the_text(capfd: pytest.CaptureFixture[str]) -> None:
    crash = job("secret", seconds="secret")  # type: ignore[arg-type]

    with pytest.raises(CrashError, match="exited with status 1") as caught:
        run_in_child(crash, timeout=TIMEOUT)
    assert "secret" not in f"{caught.value} {capfd.readouterr()}"


def test_job_that_needs_too_much_memory_fails_alone() -> None:
    with pytest.raises(CrashError, match="The record needed more than 64 MB of memory"):
        run_in_child(TAKE_128_MB, timeout=TIMEOUT)


def test_longest_text_fits_in_the_least_memory() -> None:
    """A batch of many messages leaves each child 16 MB."""
    text = "call 555-0199 🎉 " * 12_000

    modified = isolation.run_in_child(job(text), timeout=TIMEOUT, memory_bytes=16 << 20)

    assert len(text.encode()) > MAX_TEXT_BYTES
    assert "555" not in modified


def test_injected_kill_strikes_in_the_child() -> None:
    with pytest.raises(CrashError, match="was killed by SIGKILL"):
        run_in_child(faulty("kill"), timeout=TIMEOUT)


@pytest.mark.parametrize(
    ("kind", "error"), [("transient", TransientError), ("permanent", PermanentError)]
)
def test_error_in_the_child_is_raised_here(kind: str, error: type[Exception]) -> None:
    with pytest.raises(error, match="Injected fault"):
        run_in_child(faulty(kind), timeout=TIMEOUT)


def test_fork_server_imports_little_more_than_the_standard_library() -> None:
    code = "import sys, worker.fork_server; print(*sys.modules)"
    root = Path(worker.__path__[0]).parent

    shown = subprocess.run(  # noqa: S603
        [sys.executable, "-S", "-c", code], cwd=root, capture_output=True, check=True, text=True
    )

    found = {
        name for name in shown.stdout.split() if name.split(".")[0] not in sys.stdlib_module_names
    }
    assert found - {"__main__"} == {
        *("pipeline", "pipeline.errors", "pipeline.redaction"),
        *(f"pipeline.redaction.{part}" for part in REDACTION),
        *("worker", "worker.fork_server", "worker.processing"),
    }


def test_jobs_run_in_separate_children_at_the_same_time() -> None:
    began = time.monotonic()

    with ThreadPoolExecutor(20) as pool:
        jobs = [job(f"{number} 555-0199", seconds=0.5) for number in range(19)]
        killed = pool.submit(run_in_child, KILL, timeout=TIMEOUT)
        modified = pool.map(lambda job: run_in_child(job, timeout=TIMEOUT), jobs)

    assert list(modified) == [f"{number} [REDACTED]" for number in range(19)]
    assert isinstance(killed.exception(), TransientError)
    # One after the other they need 9.5 s.
    assert time.monotonic() - began < 8


def test_long_text_reaches_the_child_and_comes_back() -> None:
    text = "x" * 1_000_000

    assert run_in_child(job(text), timeout=TIMEOUT) == text


def test_child_that_dies_before_it_read_its_job_is_a_transient_error(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def die_at_once(connection: socket) -> None:
        connection.sendall(b"\n-9")

    server = SimpleNamespace(hand_over=die_at_once)
    monkeypatch.setattr("worker.isolation._fork_server", server)

    with pytest.raises(CrashError, match="The record's process was killed by SIGKILL"):
        run_in_child(job("x" * 1_000_000), timeout=TIMEOUT)


def test_fork_server_that_dies_before_the_job_is_read_is_a_transient_error(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def hang_up(connection: socket) -> None:
        held = connection.dup()

        def close_unread() -> None:
            held.recv(1, MSG_PEEK)
            held.close()

        Thread(target=close_unread).start()

    monkeypatch.setattr("worker.isolation._fork_server", SimpleNamespace(hand_over=hang_up))

    with pytest.raises(TransientError, match="and its fork server with it"):
        run_in_child(job(), timeout=TIMEOUT)


def fork_server() -> psutil.Process:
    [server] = [
        process
        for process in psutil.Process().children()
        if "worker.fork_server" in process.cmdline()
    ]
    return server


def test_fork_server_that_was_killed_is_started_again() -> None:
    for _ in range(2):
        run_in_child(job(), timeout=TIMEOUT)
        server = fork_server()
        server.kill()
        psutil.wait_procs([server], timeout=TIMEOUT)

    assert run_in_child(job(), timeout=TIMEOUT) == "a"


def wait_until(condition: Callable[[], object]) -> None:
    deadline = time.monotonic() + TIMEOUT
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def children_of(server: psutil.Process) -> list[psutil.Process]:
    """Once it has any."""
    wait_until(server.children)
    return server.children()


def is_dead(process: psutil.Process) -> bool:
    try:
        return process.status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


def test_job_whose_fork_server_dies_is_a_transient_error() -> None:
    run_in_child(job(), timeout=TIMEOUT)
    server = fork_server()
    with ThreadPoolExecutor(1) as pool:
        running = pool.submit(run_in_child, job(seconds=60), timeout=TIMEOUT)
        for victim in (server, *children_of(server)):
            victim.kill()

    with pytest.raises(TransientError, match="and its fork server with it"):
        running.result()


def test_closed_fork_server_takes_its_children_with_it() -> None:
    run_in_child(job(), timeout=TIMEOUT)
    server = fork_server()
    with ThreadPoolExecutor(1) as pool:
        running = pool.submit(run_in_child, job(seconds=60), timeout=TIMEOUT)
        children = children_of(server)
        isolation._fork_server.close()

    assert isinstance(running.exception(), TransientError)
    for ended in (server, *children):
        wait_until(partial(is_dead, ended))
