import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psutil
import pytest
from rdp.waiting import wait_until

import pipeline
from pipeline.errors import PermanentError, TransientError
from worker.faults import Fault
from worker.isolation import process_in_child
from worker.processing import Job

TIMEOUT = 30.0


def test_child_redacts() -> None:
    job = Job("日本 555-0199 🎉\n\x00", seconds=0)

    assert process_in_child(job, timeout=TIMEOUT) == "日本 [REDACTED] 🎉\n\x00"


def test_record_that_kills_its_process_is_worth_another_attempt() -> None:
    job = Job("a", 0, Fault("kill", 0))

    with pytest.raises(TransientError, match="was killed by SIGKILL"):
        process_in_child(job, timeout=TIMEOUT)


def test_record_that_hangs_is_killed_in_time() -> None:
    started = time.monotonic()

    with pytest.raises(TransientError, match=r"was killed after 0\.2 s"):
        process_in_child(Job("a", 0, Fault("hang", 60)), timeout=0.2)
    assert time.monotonic() - started < 30


def test_child_that_crashes_tells_nothing_of_the_text(capfd: pytest.CaptureFixture[str]) -> None:
    job = Job("secret", seconds="secret")  # type: ignore[arg-type]

    with pytest.raises(TransientError, match="exited with status 1") as caught:
        process_in_child(job, timeout=TIMEOUT)
    assert "secret" not in f"{caught.value} {capfd.readouterr()}"


def test_transient_fault_passes_through_the_child() -> None:
    with pytest.raises(TransientError, match="Injected fault"):
        process_in_child(Job("a", 0, Fault("transient", 0)), timeout=TIMEOUT)


def test_permanent_fault_passes_through_the_child() -> None:
    with pytest.raises(PermanentError, match="Injected fault"):
        process_in_child(Job("a", 0, Fault("permanent", 0)), timeout=TIMEOUT)


def test_child_needs_the_standard_library_alone() -> None:
    code = (
        "import sys, worker.fork_server; print(*sorted(m.partition('.')[0] for m in sys.modules))"
    )
    root = Path(pipeline.__path__[0]).parent

    shown = subprocess.run(  # noqa: S603
        [sys.executable, "-S", "-c", code], cwd=root, capture_output=True, check=True, text=True
    )

    found = set(shown.stdout.split()) - sys.stdlib_module_names
    assert found == {"__main__", "pipeline", "worker"}


def test_records_have_processes_of_their_own_at_the_same_time() -> None:
    began = time.monotonic()

    with ThreadPoolExecutor(20) as pool:
        jobs = [Job(f"{number} 555-0199", seconds=0.5) for number in range(19)]
        killed = pool.submit(process_in_child, Job("a", 0, Fault("kill", 0)), timeout=TIMEOUT)
        modified = pool.map(lambda job: process_in_child(job, timeout=TIMEOUT), jobs)

    assert list(modified) == [f"{number} [REDACTED]" for number in range(19)]
    assert isinstance(killed.exception(), TransientError)
    # one after the other they need 9.5 s
    assert time.monotonic() - began < 8


def test_long_text_passes_through_the_child() -> None:
    text = "x" * 1_000_000

    assert process_in_child(Job(text, 0), timeout=TIMEOUT) == text


def test_fork_server_that_was_killed_is_started_again() -> None:
    for _ in range(2):
        process_in_child(Job("a", 0), timeout=TIMEOUT)
        [server] = [
            process
            for process in psutil.Process().children()
            if "worker.fork_server" in process.cmdline()
        ]
        server.kill()
        psutil.wait_procs([server], timeout=TIMEOUT)

    assert process_in_child(Job("a", 0), timeout=TIMEOUT) == "a"


def test_record_whose_fork_server_dies_is_worth_another_attempt() -> None:
    with ThreadPoolExecutor(1) as pool:
        hanging = pool.submit(process_in_child, Job("a", 60), timeout=TIMEOUT)
        children = wait_until(
            lambda: [
                child
                for server in psutil.Process().children()
                for child in server.children()
                if "worker.fork_server" in child.cmdline()
            ],
            deadline=TIMEOUT,
            what="the record's process",
        )
        for process in (children[0].parent(), *children):
            assert process is not None
            process.kill()

    with pytest.raises(TransientError, match="and its fork server with it"):
        hanging.result()
