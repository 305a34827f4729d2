import subprocess
import sys
import time
from pathlib import Path

import pytest

import pipeline
from pipeline.errors import PermanentError, TransientError
from pipeline.faults import Fault
from pipeline.isolation import process_in_child
from pipeline.processing import Job

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
    code = "import sys, pipeline.child; print(*sorted(m.partition('.')[0] for m in sys.modules))"
    root = Path(pipeline.__path__[0]).parent

    shown = subprocess.run(  # noqa: S603
        [sys.executable, "-S", "-c", code], cwd=root, capture_output=True, check=True, text=True
    )

    found = set(shown.stdout.split()) - sys.stdlib_module_names
    assert found == {"__main__", "pipeline"}
