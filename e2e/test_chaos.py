"""The chaos tooling: a worker that breaks an invariant is caught, and the very logs are named.

Other tests may run beside these, as such a worker breaks nothing of theirs.
"""

import itertools
import re
import subprocess
import sys
from pathlib import Path

import pytest

from e2e.chaos.catalogue import BY_NAME
from e2e.chaos.leftovers import WORKER_PACKAGE, Leftovers
from e2e.chaos.sabotage import sabotaged_worker
from e2e.deployment import ROOT
from e2e.stack import Stack

LOST, COPIED, MISFILED = (
    [f"log-{number:05}" for number in (last, 10 + last)] for last in (7, 5, 3)
)
EXPERIMENT = "noisy-tenant"
OPTIONS = (EXPERIMENT, "--logs", "20", "--seed", "1")


def _chaos(folder: Path, *options: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(  # noqa: S603 - our own module
        [sys.executable, "-m", "e2e.chaos", *options, "--report", folder / "report.html"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )


@pytest.fixture(scope="module")
def caught(stack: Stack, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, str]:
    """What an experiment with a worker that breaks invariants prints, and its report."""
    if not stack.functions.worker_runs(WORKER_PACKAGE):
        pytest.skip("the deployed worker is not build/worker.zip: there is nothing to go back to")
    folder = tmp_path_factory.mktemp("sabotage")
    with sabotaged_worker(Leftovers(stack.functions, folder / "leftovers.json")):
        finished = _chaos(folder, *OPTIONS)
    assert finished.returncode == 1, finished.stdout + finished.stderr
    return finished.stdout, (folder / "report.html").read_text()


def _listed(output: str, check: str) -> list[str]:
    """The logs below the line of a check that failed, without their tenant's unique part."""
    lines = output.splitlines()
    [place] = [number for number, line in enumerate(lines) if f"FAIL {check}" in line]
    listed = itertools.takewhile(lambda line: line.startswith("        "), lines[place + 1 :])
    return [re.sub(r"chaos-[0-9a-f]+-\d", "TENANT", line.strip()) for line in listed]


def test_worker_that_acknowledges_before_it_stores_is_caught(caught: tuple[str, str]) -> None:
    output, report = caught

    # what lies under another tenant is lost to its own
    lost = sorted(LOST + MISFILED)
    assert sorted(_listed(output, "I1 nothing lost")) == [f"TENANT/{log}: lost" for log in lost]
    assert f"{EXPERIMENT:<26} BROKEN" in output
    assert "log-00007: lost" in report


def test_worker_that_stores_twice_is_caught(caught: tuple[str, str]) -> None:
    output, _ = caught

    assert sorted(_listed(output, "I2 nothing invented")) == sorted(
        [f"TENANT/copy-of-{log}" for log in COPIED] + [f"TENANT-other/{log}" for log in MISFILED]
    )


def test_worker_that_stores_under_another_tenant_is_caught(caught: tuple[str, str]) -> None:
    output, _ = caught

    assert sorted(_listed(output, "I3 isolation")) == [
        f"TENANT/{log}: lies under TENANT-other" for log in MISFILED
    ]


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
