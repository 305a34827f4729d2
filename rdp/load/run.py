"""Sends logs of many tenants at a steady rate.

Importing it replaces Python's sockets and threads: Locust uses gevent.
"""

import contextlib
import math
import signal
import time
import uuid
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from locust import constant_throughput
from locust.env import Environment
from locust.stats import StatsEntry

from rdp.ledger import Ledger
from rdp.load.client import NO_ANSWER, LogClient

_ANSWER_SECONDS = 40
# Low, so that answers that take up to two seconds do not slow the load down.
_REQUESTS_PER_CLIENT_AND_SECOND = 0.5
# On a small machine, many cold starts at once would take the cores from running requests.
_LONGEST_RAMP_SECONDS = 15


@dataclass(frozen=True)
class Answers:
    """How the API answered. Times are in milliseconds."""

    requests: int
    a_second: float
    statuses: Counter[int]
    """How many answers had each HTTP status; 0: no answer."""
    p50: float
    p99: float
    slowest: float

    @property
    def accepted(self) -> int:
        return self.statuses[202]

    @property
    def unanswered(self) -> int:
        return self.statuses[NO_ANSWER]

    @property
    def refused(self) -> int:
        return self.statuses.total() - self.accepted - self.unanswered


def new_tenants(count: int) -> list[str]:
    """Tenants that no other run has."""
    run = f"load-{uuid.uuid4().hex[:6]}"
    return [f"{run}-{number:02}" for number in range(count)]


@dataclass(frozen=True)
class SteadyLoad:
    url: str
    tenants: list[str]
    rate: float
    """Logs a second."""
    duration: int
    """Seconds."""
    text_length: int

    def run(self, progress: Callable[[float, Answers], None]) -> tuple[Answers, Ledger]:
        """Send until the time is over or Ctrl-C.

        :param progress: called with the seconds and the answers so far
        """
        clients = max(1, math.ceil(self.rate / _REQUESTS_PER_CLIENT_AND_SECOND))
        LogClient.tenants, LogClient.text_length = self.tenants, self.text_length
        LogClient.wait_time = constant_throughput(self.rate / clients)
        LogClient.longest_start_delay = min(_LONGEST_RAMP_SECONDS, self.duration / 4)
        environment = Environment(
            user_classes=[LogClient], host=self.url, stop_timeout=_ANSWER_SECONDS
        )
        runner = environment.create_local_runner()
        runner.start(clients, spawn_rate=clients)
        began = time.monotonic()
        with _noted_interrupts() as interrupts:
            while not interrupts and (elapsed := time.monotonic() - began) < self.duration:
                progress(elapsed, _answers(environment.stats.total))
                time.sleep(min(1, self.duration - elapsed))
        runner.quit()
        return _answers(environment.stats.total), LogClient.ledger


@contextlib.contextmanager
def _noted_interrupts() -> Iterator[list[int]]:
    """Ctrl-C is noted in the list. As an exception, gevent would print it with a traceback."""
    noted: list[int] = []
    before = signal.getsignal(signal.SIGINT)
    if before is not signal.SIG_IGN:
        signal.signal(signal.SIGINT, lambda number, _frame: noted.append(number))
    try:
        yield noted
    finally:
        signal.signal(signal.SIGINT, before)


def _answers(stats: StatsEntry) -> Answers:
    return Answers(
        requests=stats.num_requests,
        a_second=stats.total_rps,
        statuses=Counter(LogClient.statuses),
        p50=stats.get_response_time_percentile(0.5),
        p99=stats.get_response_time_percentile(0.99),
        slowest=stats.max_response_time,
    )
