"""Throttling of stages and routes, with a token bucket for each."""

import threading
import time


class TokenBucket:
    """Admits `rate` requests a second, and `burst` at once."""

    def __init__(self, rate: float, burst: int) -> None:
        self.rate = rate
        self.burst = burst
        self._tokens = float(burst)
        self._filled = time.monotonic()
        self._lock = threading.Lock()

    def admit(self) -> bool:
        with self._lock:
            now = time.monotonic()
            self._tokens = min(self.burst, self._tokens + (now - self._filled) * self.rate)
            self._filled = now
            if self._tokens < 1:
                return False
            self._tokens -= 1
            return True


class Throttle:
    """The buckets of all stages and routes; a changed limit makes a new bucket."""

    def __init__(self) -> None:
        self._buckets: dict[tuple[str, ...], TokenBucket] = {}

    def admit(self, key: tuple[str, ...], settings: dict[str, float]) -> bool:
        """Take a token.

        :param settings: the stage's `defaultRouteSettings` or the route's `routeSettings`
        """
        rate, burst = settings.get("throttlingRateLimit"), settings.get("throttlingBurstLimit")
        if rate is None or burst is None:
            return True
        bucket = self._buckets.get(key)
        if bucket is None or (bucket.rate, bucket.burst) != (rate, burst):
            bucket = self._buckets[key] = TokenBucket(rate, int(burst))
        return bucket.admit()
