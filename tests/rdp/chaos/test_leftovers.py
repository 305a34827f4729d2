"""What a killed run changed, the next one puts back."""

from pathlib import Path
from typing import cast

import pytest

from rdp.chaos import leftovers
from rdp.chaos.leftovers import Leftovers
from rdp.stack.functions import Functions


class InMemoryWorker:
    def __init__(self) -> None:
        self.timeout = 870
        self.package = b"honest"

    def worker_timeout(self) -> int:
        return self.timeout

    def set_worker_timeout(self, seconds: int) -> None:
        self.timeout = seconds

    def deploy_worker(self, package: bytes) -> None:
        self.package = package


@pytest.fixture
def worker(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> InMemoryWorker:
    package = tmp_path / "worker.zip"
    package.write_bytes(b"honest")
    monkeypatch.setattr(leftovers, "WORKER_PACKAGE", package)
    return InMemoryWorker()


def _of(worker: InMemoryWorker, folder: Path) -> Leftovers:
    return Leftovers(cast("Functions", worker), folder / "chaos" / "leftovers.json")


def test_all_is_put_back_at_the_end(worker: InMemoryWorker, tmp_path: Path) -> None:
    mine = _of(worker, tmp_path)

    with mine.changed_timeout(15), mine.changed_package(b"marked"):
        assert (worker.timeout, worker.package) == (15, b"marked")

    assert (worker.timeout, worker.package) == (870, b"honest")
    assert mine.put_back() == []


def test_killed_runs_changes_are_put_back_by_the_next(
    worker: InMemoryWorker, tmp_path: Path
) -> None:
    killed = _of(worker, tmp_path)
    # never left: nothing runs any more in a killed process
    changes = (killed.changed_timeout(15), killed.changed_package(b"marked"))
    for change in changes:
        change.__enter__()

    told = _of(worker, tmp_path).put_back()

    assert told == ["the worker's timeout in seconds", "the worker's package"]
    assert (worker.timeout, worker.package) == (870, b"honest")


def test_run_after_a_killed_one_does_not_take_its_change_for_what_was_before(
    worker: InMemoryWorker, tmp_path: Path
) -> None:
    killed = _of(worker, tmp_path).changed_timeout(15)
    killed.__enter__()
    again = _of(worker, tmp_path)

    again.put_back()
    with again.changed_timeout(15):
        pass

    assert worker.timeout == 870
