"""The chaos tooling: a worker that breaks an invariant is caught, and the very logs are named."""

import subprocess
import sys
from pathlib import Path

import pytest

from e2e.chaos.catalogue import BY_NAME
from e2e.chaos.disruptions import WORKER_PACKAGE
from e2e.chaos.sabotage import COPYING, LOSSY, MISFILING, sabotaged_worker
from e2e.deployment import ROOT
from e2e.stack import Stack

STRUCK = ["log-00007", "log-00017"]
EXPERIMENT = "noisy-tenant"
OPTIONS = (EXPERIMENT, "--logs", "20", "--seed", "1")


@pytest.fixture
def package(stack: Stack) -> None:
    if not stack.functions.worker_runs(WORKER_PACKAGE):
        pytest.skip("the deployed worker is not build/worker.zip: there is nothing to go back to")


def _chaos(folder: Path, *options: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(  # noqa: S603 - our own module
        [sys.executable, "-m", "e2e.chaos", *options, "--report", folder / "report.html"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )


def _caught(stack: Stack, sabotage: str, folder: Path) -> str:
    """What an experiment with such a worker prints, which must end as broken."""
    with sabotaged_worker(stack, sabotage):
        finished = _chaos(folder, *OPTIONS)
    assert finished.returncode == 1, finished.stderr
    return finished.stdout


def _listed(output: str, check: str) -> list[str]:
    """The logs below the line of a check that failed."""
    lines = output.splitlines()
    [place] = [number for number, line in enumerate(lines) if f"FAIL {check}" in line]
    listed = []
    for line in lines[place + 1 :]:
        if not line.startswith("        "):
            break
        listed.append(line.strip())
    return listed


@pytest.mark.usefixtures("package")
def test_worker_that_acknowledges_before_it_stores_is_caught(stack: Stack, tmp_path: Path) -> None:
    output = _caught(stack, LOSSY, tmp_path)

    lost = _listed(output, "I1 nothing lost")
    assert sorted(line.partition("/")[2] for line in lost) == [f"{log}: lost" for log in STRUCK]
    assert f"{EXPERIMENT:<26} BROKEN" in output
    assert "log-00007: lost" in (tmp_path / "report.html").read_text()


@pytest.mark.usefixtures("package")
def test_worker_that_stores_twice_is_caught(stack: Stack, tmp_path: Path) -> None:
    output = _caught(stack, COPYING, tmp_path)

    invented = _listed(output, "I2 nothing invented")
    assert sorted(line.partition("/")[2] for line in invented) == [
        f"copy-of-{log}" for log in STRUCK
    ]


@pytest.mark.usefixtures("package")
def test_worker_that_stores_under_another_tenant_is_caught(stack: Stack, tmp_path: Path) -> None:
    output = _caught(stack, MISFILING, tmp_path)

    strays = _listed(output, "I3 isolation")
    assert [line.partition(": ")[0].partition("/")[2] for line in sorted(strays)] != []
    assert all(line.endswith("-other") for line in strays)
    assert len(strays) == len(STRUCK)


def test_honest_worker_passes(tmp_path: Path) -> None:
    finished = _chaos(tmp_path, *OPTIONS)

    assert finished.returncode == 0, finished.stdout + finished.stderr
    assert "FAIL" not in finished.stdout


def test_each_experiment_has_a_script_and_each_script_an_experiment() -> None:
    scripts = {path.stem for path in (ROOT / "scripts" / "chaos").glob("*.sh")}

    assert scripts == set(BY_NAME)


@pytest.mark.parametrize("name", BY_NAME)
def test_script_explains_itself(name: str) -> None:
    finished = subprocess.run(  # noqa: S603 - a script of ours
        [ROOT / "scripts" / "chaos" / f"{name}.sh", "--help"],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )

    assert finished.returncode == 0, finished.stderr
    assert "--logs" in finished.stdout
    assert "--seed" in finished.stdout


def test_unknown_experiment_is_refused_by_name(tmp_path: Path) -> None:
    finished = _chaos(tmp_path, "earthquake")

    assert finished.returncode == 2
    assert "earthquake" in finished.stderr
