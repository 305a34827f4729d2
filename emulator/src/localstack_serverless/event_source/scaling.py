"""How many batches of an event source mapping are in process at once.

https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-scaling.html
"""

import threading
import time
from collections.abc import Callable

START = 5
# up to 300 more a minute
GROWTH_SECONDS = 60 / 300
# AWS: 1,250; this is what one machine carries
MOST_WITHOUT_SETTING = 200
# After a throttled or failed invocation, AWS backs off "gradually"; it gives no figures.
HOLD_SECONDS = 10


class Scaling:
    """Starts with five, grows while there is a backlog, and returns to five when there is none.

    :param maximum: the mapping's MaximumConcurrency
    """

    def __init__(self, maximum: int | None) -> None:
        self._maximum = maximum or MOST_WITHOUT_SETTING
        self._limit = min(START, self._maximum)
        self._running = 0
        self._may_grow_at = 0.0
        self._freed = threading.Condition()

    def acquire(self, has_backlog: Callable[[float], bool], stopping: threading.Event) -> bool:
        """Wait for a place for a batch; False where the mapping stops first.

        :param has_backlog: tells, by the seconds waited, whether one more place would be used
        """
        began = time.monotonic()
        while not stopping.is_set():
            if self._may_grow() and has_backlog(time.monotonic() - began):
                self._grow()
            with self._freed:
                if self._freed.wait_for(self._has_place, GROWTH_SECONDS):
                    if self._running == 0:
                        self._grow_after(GROWTH_SECONDS)
                    self._running += 1
                    return True
        return False

    def release(self) -> None:
        with self._freed:
            self._running -= 1
            self._freed.notify()

    def shrink(self) -> None:
        """The queue is empty."""
        with self._freed:
            self._limit = max(min(START, self._maximum), self._running)

    def back_off(self) -> None:
        """An invocation was throttled or failed."""
        with self._freed:
            self._limit = max(1, self._limit - 1)
            self._grow_after(HOLD_SECONDS)

    def _has_place(self) -> bool:
        return self._running < self._limit

    def _may_grow(self) -> bool:
        with self._freed:
            return (
                not self._has_place()
                and self._limit < self._maximum
                and time.monotonic() >= self._may_grow_at
            )

    def _grow(self) -> None:
        with self._freed:
            self._limit += 1
            self._grow_after(GROWTH_SECONDS)

    def _grow_after(self, seconds: float) -> None:
        self._may_grow_at = max(self._may_grow_at, time.monotonic() + seconds)
