"""What a killed run changed is put back by the next run."""

from pathlib import Path
from typing import cast

import pytest

from rdp.chaos import leftovers
from rdp.chaos.leftovers import Leftovers, LeftoversError
from rdp.stack.functions import Functions


class InMemoryMappings:
    def __init__(self) -> None:
        self.batches = {"short": 100, "long": 20}

    def concurrency(self) -> dict[str, int]:
        return dict(self.batches)

    def set_concurrency(self, batches: dict[str, int]) -> None:
        self.batches = batches


class InMemoryWorker:
    def __init__(self) -> None:
        self.timeout = 870
        self.package = b"honest"
        self.mappings = InMemoryMappings()
        self.environments = {"api": {"A": "1"}, "worker": {"B": "2"}}

    def environment(self, function: str) -> dict[str, str]:
        return self.environments[function]

    def set_environment(self, function: str, variables: dict[str, str]) -> None:
        self.environments[function] = variables

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
    # never exited: in a killed process nothing runs any more
    changes = (killed.changed_timeout(15), killed.changed_package(b"marked"))
    for change in changes:
        change.__enter__()

    left = _of(worker, tmp_path).put_back()

    assert left == ["the worker's timeout in seconds", "the worker's package"]
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


def test_settings_are_put_back_at_the_end(worker: InMemoryWorker, tmp_path: Path) -> None:
    mine = _of(worker, tmp_path)

    with (
        mine.changed_concurrency(2),
        mine.changed_environment("api", A="9"),
        mine.changed_environment("worker", C="3"),
    ):
        assert worker.mappings.batches == {"short": 2, "long": 2}
        assert worker.environments == {"api": {"A": "9"}, "worker": {"B": "2", "C": "3"}}

    assert worker.mappings.batches == {"short": 100, "long": 20}
    assert worker.environments == {"api": {"A": "1"}, "worker": {"B": "2"}}


def test_killed_runs_settings_are_put_back_by_the_next(
    worker: InMemoryWorker, tmp_path: Path
) -> None:
    killed = _of(worker, tmp_path)
    changes = (
        killed.changed_concurrency(2),
        killed.changed_environment("api", A="9"),
        killed.changed_environment("worker", B="9"),
    )
    for change in changes:
        change.__enter__()

    left = _of(worker, tmp_path).put_back()

    assert left == [
        "the mappings' concurrency",
        "the environment of api",
        "the environment of worker",
    ]
    assert worker.mappings.batches == {"short": 100, "long": 20}
    assert worker.environments == {"api": {"A": "1"}, "worker": {"B": "2"}}


@pytest.mark.parametrize("notes", ["", '{"the worker', "[1]", "7"])
def test_notes_that_cannot_be_read_are_an_error_that_names_the_file(
    worker: InMemoryWorker, tmp_path: Path, notes: str
) -> None:
    mine = _of(worker, tmp_path)
    mine.path.parent.mkdir()
    mine.path.write_text(notes)

    with pytest.raises(LeftoversError, match=r"leftovers\.json does not say .* `make up`"):
        mine.put_back()


def test_missing_package_is_an_error_that_names_the_command(
    worker: InMemoryWorker, tmp_path: Path
) -> None:
    killed = _of(worker, tmp_path)
    change = killed.changed_package(b"marked")
    change.__enter__()
    package = tmp_path / "worker.zip"
    package.unlink()

    with pytest.raises(LeftoversError, match="`make package` builds it"):
        killed.put_back()

    package.write_bytes(b"honest")
    killed.put_back()
    assert worker.package == b"honest"
