"""The chaos harness catches a worker that breaks an invariant, and names the logs.

Other tests may run at the same time, because such a worker handles their logs correctly.
"""

import itertools
import re
import subprocess
from pathlib import Path
from typing import NamedTuple

import pytest

from e2e.commands import rdp
from rdp.chaos.leftovers import Leftovers
from rdp.chaos.sabotage import sabotaged_worker
from rdp.checkout import WORKER_PACKAGE
from rdp.stack import Stack

LOST, COPIED, MISFILED = (
    [f"log-{number:05}" for number in (last, 10 + last)] for last in (7, 5, 3)
)
EXPERIMENT = "noisy-tenant"
OPTIONS = (EXPERIMENT, "--logs", "20", "--seed", "1")


class Caught(NamedTuple):
    output: str
    report: str
    evidence: Path


def _chaos(folder: Path, *options: str) -> "subprocess.CompletedProcess[str]":
    return rdp(
        *("chaos", "run", *options),
        *("--report", folder / "report.html", "--evidence", folder / "evidence.json"),
    )


@pytest.fixture(scope="module")
def caught(stack: Stack, tmp_path_factory: pytest.TempPathFactory) -> Caught:
    """What an experiment with a worker that breaks invariants prints and writes."""
    if not stack.functions.worker_runs(WORKER_PACKAGE):
        pytest.skip("the deployed worker is not build/worker.zip: there is nothing to go back to")
    folder = tmp_path_factory.mktemp("sabotage")
    with sabotaged_worker(Leftovers(stack.functions, folder / "leftovers.json")):
        finished = _chaos(folder, *OPTIONS)
    assert finished.returncode == 1, finished.stdout + finished.stderr
    report = (folder / "report.html").read_text()
    return Caught(finished.stdout, report, folder / "evidence.json")


def _listed(output: str, check: str) -> list[str]:
    """The logs below the line of a check that failed, without their tenant's unique part."""
    lines = output.splitlines()
    [place] = [number for number, line in enumerate(lines) if f"FAIL {check}" in line]
    listed = itertools.takewhile(lambda line: line.startswith("        "), lines[place + 1 :])
    return [re.sub(r"chaos-[0-9a-f]+-\d", "TENANT", line.strip()) for line in listed]


def test_worker_that_acknowledges_before_it_stores_is_caught(caught: Caught) -> None:
    # a log stored under another tenant is lost for its own tenant
    lost = sorted(LOST + MISFILED)
    assert sorted(_listed(caught.output, "I1 nothing lost")) == [
        f"TENANT/{log}: lost" for log in lost
    ]
    assert f"{EXPERIMENT:<26} broken" in caught.output
    assert "log-00007: lost" in caught.report


def test_worker_that_stores_twice_is_caught(caught: Caught) -> None:
    assert sorted(_listed(caught.output, "I2 nothing invented")) == sorted(
        [f"TENANT/copy-of-{log}" for log in COPIED] + [f"TENANT-other/{log}" for log in MISFILED]
    )


def test_worker_that_stores_under_another_tenant_is_caught(caught: Caught) -> None:
    assert sorted(_listed(caught.output, "I3 isolation")) == [
        f"TENANT/{log}: lies under TENANT-other" for log in MISFILED
    ]


def test_evidence_is_judged_again_as_the_run_was(caught: Caught) -> None:
    again = rdp("chaos", "judge", caught.evidence)

    assert again.returncode == 1, again.stderr
    checks = ("I1 nothing lost", "I2 nothing invented", "I3 isolation")
    for check in checks:
        assert _listed(again.stdout, check) == _listed(caught.output, check)


def test_honest_worker_passes(tmp_path: Path) -> None:
    finished = _chaos(tmp_path, *OPTIONS)

    assert finished.returncode == 0, finished.stdout + finished.stderr
    assert "FAIL" not in finished.stdout


def test_unknown_experiment_is_refused_by_name(tmp_path: Path) -> None:
    finished = _chaos(tmp_path, "earthquake")

    assert finished.returncode == 2
    assert "earthquake" in finished.stderr
