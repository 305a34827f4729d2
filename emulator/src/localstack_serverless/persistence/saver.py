"""A thread that writes the snapshots of services that changed."""

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
from moto.logs.models import LogsBackend

from . import files, snapshot

LOG = logging.getLogger(__name__)

INTERVAL_SECONDS = 1
# saving a busy service uses at most 2 % of the time
PAUSE_FACTOR = 50
DICTIONARY_CHANGED_RETRIES = 3

# operations that change nothing that is in a snapshot
_READS = ("Describe", "Get", "Head", "Invoke", "List", "Query", "Scan")


class Saver:
    """
    :param save_events: appends new log events; called every second and at the end
    :param tidy: called every second
    """

    def __init__(
        self, folder: Path, save_events: Callable[[], None], tidy: Callable[[], None]
    ) -> None:
        self._folder = folder
        self._save_events = save_events
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
        """Note that the service changed."""
        self._changed.add(service)
        self._ever_changed.add(service)

    def mark_call(self, _chain: Any, context: RequestContext, response: Response) -> None:
        """A response handler in LocalStack's chain: mark the service whose operation was called."""
        if not (context.service and context.operation) or response.status_code >= 400:
            return
        if not context.operation.name.startswith(_READS):
            self.mark(context.service.service_name)

    def put_log_events(self, put: Any, backend: LogsBackend, *args: Any, **kwargs: Any) -> Any:
        """Wraps moto's LogsBackend.put_log_events."""
        self.mark("logs")
        return put(backend, *args, **kwargs)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Save every service that ever changed once more: not every change is marked."""
        self._stopped.set()
        if self._thread.is_alive():
            self._thread.join()
        for service in self._ever_changed.copy():
            self._save(service)
        self._try(self._save_events)

    def _run(self) -> None:
        while not self._stopped.wait(INTERVAL_SECONDS):
            now = time.monotonic()
            for service in [name for name in self._changed.copy() if self._not_before[name] <= now]:
                self._changed.discard(service)
                self._save(service)
            # after the snapshots: a stream must be there before its events are read
            self._try(self._save_events)
            self._try(self._tidy)

    @staticmethod
    def _try(save: Callable[[], None]) -> None:
        try:
            save()
        except OSError as error:
            # such as a full disk; the next second tries again
            LOG.error("cannot write kept state: %s", error)  # noqa: TRY400

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
    """Retry if the service changed one of its dictionaries meanwhile."""
    for _ in range(DICTIONARY_CHANGED_RETRIES):
        try:
            return snapshot.dump(service)
        except RuntimeError:
            continue
    return snapshot.dump(service)
