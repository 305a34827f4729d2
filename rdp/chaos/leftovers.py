"""What a run changed and still has to restore, kept on disk: if it is killed, the next run does it.

Rules of the chaos API end on their own, and a disabled mapping is easy to see.
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rdp.checkout import WORKER_PACKAGE
from rdp.stack.functions import Functions

_TIMEOUT, _PACKAGE = "the worker's timeout in seconds", "the worker's package"
_CONCURRENCY = "the mappings' concurrency"
_ENVIRONMENT = "the environment of "

Before = int | str | dict[str, Any]


class LeftoversError(Exception):
    """What a killed run changed cannot be restored; the message names what to do."""


@dataclass(frozen=True)
class Leftovers:
    functions: Functions
    path: Path

    @contextlib.contextmanager
    def changed_timeout(self, seconds: int) -> Iterator[None]:
        """The worker has this timeout until the end."""
        with self._noted(_TIMEOUT, self.functions.worker_timeout()):
            self.functions.set_worker_timeout(seconds)
            yield

    @contextlib.contextmanager
    def changed_package(self, package: bytes) -> Iterator[None]:
        """The worker runs this package until the end, then build/worker.zip again."""
        with self._noted(_PACKAGE, str(WORKER_PACKAGE)):
            self.functions.deploy_worker(package)
            yield

    @contextlib.contextmanager
    def changed_environment(self, function: str, **changes: str) -> Iterator[None]:
        """The function runs with these variables until the end."""
        before = self.functions.environment(function)
        with self._noted(_ENVIRONMENT + function, before):
            self.functions.set_environment(function, before | changes)
            yield

    @contextlib.contextmanager
    def changed_concurrency(self, batches: int) -> Iterator[None]:
        """Each event source mapping has this MaximumConcurrency until the end."""
        before = self.functions.mappings.concurrency()
        with self._noted(_CONCURRENCY, before):
            self.functions.mappings.set_concurrency(dict.fromkeys(before, batches))
            yield

    def put_back(self) -> list[str]:
        """Restore everything. Returns what a killed run had changed.

        :raises LeftoversError: what it noted cannot be read, or its package is gone
        """
        left = self._read()
        for what, before in left.items():
            self._put_back(what, before)
        return [*left]

    @contextlib.contextmanager
    def _noted(self, what: str, before: Before) -> Iterator[None]:
        try:
            self._write(self._read() | {what: before})
            yield
        finally:
            self._put_back(what, before)

    def _put_back(self, what: str, before: Before) -> None:
        match before:
            case int():
                self.functions.set_worker_timeout(before)
            case str():
                self.functions.deploy_worker(_package(Path(before)))
            case _ if what == _CONCURRENCY:
                self.functions.mappings.set_concurrency(before)
            case _:
                self.functions.set_environment(what.removeprefix(_ENVIRONMENT), before)
        self._write({other: value for other, value in self._read().items() if other != what})

    def _read(self) -> dict[str, Before]:
        if not self.path.exists():
            return {}
        try:
            return dict(json.loads(self.path.read_text()))
        except (ValueError, TypeError) as error:
            raise LeftoversError(
                f"{self.path} does not say what a killed run changed: run `make up`, which deploys"
                " the worker again, and delete the file"
            ) from error

    def _write(self, left: dict[str, Before]) -> None:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        # in one step: a run that is killed now leaves the old notes or the new ones
        new = self.path.with_suffix(".new")
        new.write_text(json.dumps(left))
        new.replace(self.path)


def _package(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise LeftoversError(
            f"the worker's package {path} cannot be read ({error.strerror}): `make package` builds"
            " it"
        ) from error
