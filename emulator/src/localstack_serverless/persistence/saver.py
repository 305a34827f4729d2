"""Writes the snapshots of services that changed, from a thread of its own."""

import hashlib
import logging
import threading
import time
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Any

from localstack.aws.api import RequestContext
from localstack.http import Response
from localstack.utils.patch import patch
from moto.logs.models import LogsBackend

from . import files, snapshot

LOG = logging.getLogger(__name__)

INTERVAL_SECONDS = 1
# a service that changes all the time is saved less often: 2 % of the time at most
PAUSE_FACTOR = 50
DICTIONARY_CHANGED_RETRIES = 3

# operations that change nothing, or nothing that is in a snapshot
_READS = ("Describe", "Get", "Head", "Invoke", "List", "Query", "Scan")


class Saver:
    """:param tidy: what else is to be done every second"""

    def __init__(self, folder: Path, tidy: Callable[[], None]) -> None:
        self._folder = folder
        self._tidy = tidy
        self._changed: set[str] = set()
        self._ever_changed: set[str] = set()
        self._not_before: dict[str, float] = defaultdict(float)
        self._digests: dict[str, bytes] = {}
        self._problems: dict[str, str] = {}
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name="state-saver", daemon=True)

    @property
    def problem(self) -> str | None:
        """Why a service's last snapshot could not be written; None where all were."""
        return next(iter(self._problems.copy().values()), None)

    def mark(self, service: str) -> None:
        """Something of the service changed."""
        self._changed.add(service)
        self._ever_changed.add(service)

    def mark_call(self, _chain: Any, context: RequestContext, response: Response) -> None:
        """A response handler: mark the service whose operation was called."""
        if not (context.service and context.operation) or response.status_code >= 400:
            return
        if not context.operation.name.startswith(_READS):
            self.mark(context.service.service_name)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Write once more what changed since LocalStack started: not every change is told."""
        self._stopped.set()
        if self._thread.is_alive():
            self._thread.join()
        for service in self._ever_changed.copy():
            self._save(service)

    def _run(self) -> None:
        while not self._stopped.wait(INTERVAL_SECONDS):
            now = time.monotonic()
            for service in [name for name in self._changed.copy() if self._not_before[name] <= now]:
                self._changed.discard(service)
                self._save(service)
            try:
                self._tidy()
            except OSError as error:
                # such as a full disk; the next second tries again
                LOG.error("cannot rewrite kept state: %s", error)  # noqa: TRY400

    def _save(self, service: str) -> None:
        began = time.monotonic()
        try:
            payload = _dump(service)
            digest = hashlib.sha256(payload).digest()
            if self._digests.get(service) != digest:
                files.write(self._folder / f"{service}{snapshot.SUFFIX}", payload)
                self._digests[service] = digest
            self._problems.pop(service, None)
        except Exception as error:  # noqa: BLE001 - one service's failure must not end the thread
            LOG.error("cannot save the state of %s: %s", service, error)  # noqa: TRY400
            self._problems[service] = (
                files.describe(error, self._folder) if isinstance(error, OSError) else repr(error)
            )
            self.mark(service)
        ended = time.monotonic()
        self._not_before[service] = ended + PAUSE_FACTOR * (ended - began)


def _dump(service: str) -> bytes:
    """The service's containers do not stand still; a second look meets them at rest."""
    for _ in range(DICTIONARY_CHANGED_RETRIES):
        try:
            return snapshot.dump(service)
        except RuntimeError:
            continue
    return snapshot.dump(service)


def apply_patches(saver: Saver) -> None:
    @patch(LogsBackend.put_log_events)
    def put_log_events(put: Any, self: LogsBackend, *args: Any, **kwargs: Any) -> Any:
        """Functions' log events do not come through the gateway."""
        saver.mark("logs")
        return put(self, *args, **kwargs)
