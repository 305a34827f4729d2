"""Timers that share one thread.

LocalStack starts a timer thread when an invocation ends, to stop the idle execution environment
later, and cancels it when the next invocation starts.
"""

import heapq
import itertools
import threading
import time
from collections.abc import Callable
from typing import Any, ClassVar


class SharedTimer:
    """Stands in for threading.Timer. The function gets a thread when it is due."""

    # shared by all timers
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
