"""What a run changed and has still to put back, on disk: should it be killed, the next one does it.

Chaos rules end by themselves, and a mapping that is disabled shows it.
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


@dataclass(frozen=True)
class Leftovers:
    functions: Functions
    path: Path

    @contextlib.contextmanager
    def changed_timeout(self, seconds: int) -> Iterator[None]:
        """The worker's timeout is another one until the end."""
        with self._noted(_TIMEOUT, self.functions.worker_timeout()):
            self.functions.set_worker_timeout(seconds)
            yield

    @contextlib.contextmanager
    def changed_package(self, package: bytes) -> Iterator[None]:
        """The worker runs this one until the end, and then build/worker.zip."""
        with self._noted(_PACKAGE, str(WORKER_PACKAGE)):
            self.functions.deploy_worker(package)
            yield

    def put_back(self) -> list[str]:
        """Returns what was not as it should be."""
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
            self.functions.deploy_worker(Path(str(before)).read_bytes())
        self._write({other: value for other, value in self._read().items() if other != what})

    def _read(self) -> dict[str, int | str]:
        return dict(json.loads(self.path.read_text())) if self.path.exists() else {}

    def _write(self, left: dict[str, int | str]) -> None:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self.path.write_text(json.dumps(left))
