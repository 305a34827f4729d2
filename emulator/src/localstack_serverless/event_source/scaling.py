"""How many batches of an event source mapping are processed at once.

https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-scaling.html
"""

import threading
import time
from collections.abc import Callable

from .processors import Processors

START = 5
# up to 300 more a minute
GROWTH_SECONDS = 60 / 300
# While the processors have no time to spare, another batch makes all others slower, and its
# environment takes a tenth of a second to start. On AWS each environment has its own processors.
# The mapping still grows, as the functions may mostly wait.
BUSY_GROWTH_SECONDS = 10 * GROWTH_SECONDS
# AWS allows 1,250; one machine can run about this many
MOST_WITHOUT_SETTING = 200
# AWS backs off "gradually" after throttled or failed invocations; it documents no figures.
HOLD_SECONDS = 10


class Scaling:
    """Starts with five, grows while there is a backlog, and returns to five when there is none.

    :param maximum: the mapping's MaximumConcurrency
    :param growth_seconds: the time between one more place and the next
    :param has_spare_time: whether the machine's processors have time to spare
    """

    def __init__(
        self,
        maximum: int | None,
        growth_seconds: float = GROWTH_SECONDS,
        has_spare_time: Callable[[], bool] | None = None,
    ) -> None:
        self._growth_seconds = growth_seconds
        self._has_spare_time = has_spare_time or Processors().have_spare
        self._maximum = maximum or MOST_WITHOUT_SETTING
        self._limit = min(START, self._maximum)
        self._running = 0
        self._may_grow_at = 0.0
        self._grew_at = time.monotonic()
        self._freed = threading.Condition()

    def acquire(self, has_backlog: Callable[[float], bool], stopping: threading.Event) -> bool:
        """Wait for a place for a batch; False if the mapping stops first.

        :param has_backlog: given the seconds waited so far, whether one more place would be used
        """
        began = time.monotonic()
        while not stopping.is_set():
            if (
                self._may_grow()
                and has_backlog(time.monotonic() - began)
                and self._is_worth_growing()
            ):
                self._grow()
            with self._freed:
                if self._freed.wait_for(self._has_place, self._growth_seconds):
                    if self._running == 0:
                        self._grow_after(self._growth_seconds)
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

    def _is_worth_growing(self) -> bool:
        has_waited = time.monotonic() - self._grew_at >= BUSY_GROWTH_SECONDS
        return self._has_spare_time() or has_waited

    def _grow(self) -> None:
        with self._freed:
            self._limit += 1
            self._grew_at = time.monotonic()
            self._grow_after(self._growth_seconds)

    def _grow_after(self, seconds: float) -> None:
        self._may_grow_at = max(self._may_grow_at, time.monotonic() + seconds)
