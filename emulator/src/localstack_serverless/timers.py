"""Timers that share one thread.

LocalStack starts a thread for the keep-alive of an execution environment at the end of every
invocation, and ends it at the start of the next.
"""

import heapq
import itertools
import threading
import time
from collections.abc import Callable
from typing import Any, ClassVar

from localstack.services.lambda_.invocation import execution_environment


class SharedTimer:
    """Stands in for threading.Timer; when its time comes, the function gets a thread."""

    # shared by all timers on purpose
    _queue: ClassVar[list[tuple[float, int, "SharedTimer"]]] = []
    _changed = threading.Condition()
    _numbers = itertools.count()
    _thread: threading.Thread | None = None

    def __init__(
        self, interval: float, function: Callable[..., object], args: Any = (), kwargs: Any = None
    ) -> None:
        self._interval = interval
        self._call = lambda: function(*args, **(kwargs or {}))
        self._cancelled = False

    def start(self) -> None:
        with SharedTimer._changed:
            due = time.monotonic() + self._interval
            heapq.heappush(SharedTimer._queue, (due, next(SharedTimer._numbers), self))
            if SharedTimer._thread is None:
                SharedTimer._thread = threading.Thread(
                    target=SharedTimer._run, name="shared-timers", daemon=True
                )
                SharedTimer._thread.start()
            elif SharedTimer._queue[0][2] is self:
                SharedTimer._changed.notify()

    def cancel(self) -> None:
        self._cancelled = True

    @classmethod
    def _run(cls) -> None:
        while True:
            timer = cls._next()
            if not timer._cancelled:
                threading.Thread(target=timer._call, name="timer", daemon=True).start()

    @classmethod
    def _next(cls) -> "SharedTimer":
        with cls._changed:
            while True:
                if not cls._queue:
                    cls._changed.wait()
                    continue
                wait = cls._queue[0][0] - time.monotonic()
                if cls._queue[0][2]._cancelled or wait <= 0:
                    return heapq.heappop(cls._queue)[2]
                cls._changed.wait(wait)


def apply_patches() -> None:
    execution_environment.Timer = SharedTimer
