"""What a run changed and still has to restore, kept on disk: if it is killed, the next run does it.

Rules of the chaos API end on their own, and a disabled mapping is easy to see.
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from rdp.checkout import WORKER_PACKAGE
from rdp.stack.functions import Functions

_TIMEOUT, _PACKAGE = "the worker's timeout in seconds", "the worker's package"


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

    def put_back(self) -> list[str]:
        """Restore everything. Returns what a killed run had changed.

        :raises LeftoversError: what it noted cannot be read, or its package is gone
        """
        left = self._read()
        for what, before in left.items():
            self._put_back(what, before)
        return [*left]

    @contextlib.contextmanager
    def _noted(self, what: str, before: int | str) -> Iterator[None]:
        try:
            self._write(self._read() | {what: before})
            yield
        finally:
            self._put_back(what, before)

    def _put_back(self, what: str, before: int | str) -> None:
        if what == _TIMEOUT:
            self.functions.set_worker_timeout(int(before))
        else:
            self.functions.deploy_worker(_package(Path(str(before))))
        self._write({other: value for other, value in self._read().items() if other != what})

    def _read(self) -> dict[str, int | str]:
        if not self.path.exists():
            return {}
        try:
            return dict(json.loads(self.path.read_text()))
        except (ValueError, TypeError) as error:
            raise LeftoversError(
                f"{self.path} does not say what a killed run changed: run `make up`, which deploys"
                " the worker again, and delete the file"
            ) from error

    def _write(self, left: dict[str, int | str]) -> None:
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
