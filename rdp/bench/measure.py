"""Measure a running stack: accepted requests, storing, the worker's throughput, starts, memory."""

import contextlib
import json
import statistics
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Self

import psutil

from rdp.bench.client import Api
from rdp.checkout import local_endpoint
from rdp.stack import Envelope, QueueMessage, Stack, StackError
from rdp.stack.messages import epoch_seconds
from rdp.waiting import DeadlineExceededError, wait_until

CLIENTS = (1, 8, 32)
FLOOR_CLIENTS = 8
# 5 s of the worker's time each, as in the specification
TEXT_LENGTH = 100
REST_LOGS = 50
WORKER_MESSAGES = 2000
COLD_STARTS = 5
CONCURRENCY = 50
PATIENCE_SECONDS = 180
ACCEPTED, REFUSED = 202, 400

Row = tuple[str, str]
"""What was measured, and the figures."""


class Bench:
    """The measurements. Each yields rows of the table.

    :param seconds: how long each load lasts
    :param process: the emulator's process id
    """

    def __init__(self, stack: Stack, seconds: int, process: int) -> None:
        self._stack = stack
        self._seconds = seconds
        self._process = process
        self._tenant = f"bench-{uuid.uuid4().hex[:6]}"

    def rows(self, measurements: Sequence[str], progress: Callable[[str], None]) -> Iterator[Row]:
        for name in measurements:
            measure = getattr(self, name)
            progress(f"measuring {name.replace('_', ' ')} ...")
            try:
                yield from measure()
                self._wait_until_quiet()
            except DeadlineExceededError as error:
                yield name, f"given up: {error}"
                self._stack.queues.purge()

    def clean(self) -> None:
        self._stack.records.delete_of(self._tenant)

    def requests(self) -> Iterator[Row]:
        """While workers process what is accepted, 5 s each."""
        for clients in CLIENTS:
            yield (
                f"accepted requests a second, {clients} client{'s' * (clients > 1)} (p50, p99)",
                self._load(clients, self._stack.api.url, self._tenant, str(TEXT_LENGTH)),
            )
            self._wait_until_quiet()

    def floor(self) -> Iterator[Row]:
        """The time of the machine and of the emulator's HTTP server: no request can be faster."""
        yield (
            f"floor: its health page a second, {FLOOR_CLIENTS} clients (p50, p99)",
            self._load(FLOOR_CLIENTS, f"{local_endpoint()}/_localstack/health"),
        )

    def storing(self) -> Iterator[Row]:
        """One log at a time, with processing time 0, from its 202 until GetItem shows it."""
        with self._stack.functions.changed_worker_environment(PROCESSING_SECONDS_PER_CHAR="0"):
            self._store_one()
            seconds = sorted(self._store_one() for _ in range(REST_LOGS))
        p50, p99 = seconds[len(seconds) // 2] * 1000, seconds[-1] * 1000
        yield "202 to stored, at rest (p50, slowest of 50)", f"{p50:.0f} ms, {p99:.0f} ms"

    def worker(self) -> Iterator[Row]:
        """A backlog of messages, with processing time 0: from the first record to the last."""
        with self._stack.functions.changed_worker_environment(PROCESSING_SECONDS_PER_CHAR="0"):
            self._enqueue("worker", WORKER_MESSAGES, "x")
            self._wait_until_quiet()
        stored = [
            epoch_seconds(record.processed_at)
            for record in self._stack.records.of(self._tenant)
            if record.log_id.startswith("worker-")
        ]
        if len(stored) < WORKER_MESSAGES:
            raise StackError(f"the worker stored {len(stored)} of {WORKER_MESSAGES} messages")
        rate = len(stored) / (max(stored) - min(stored))
        yield f"messages a second through the worker (of {len(stored):,})", f"{rate:.0f}"

    def cold_start(self) -> Iterator[Row]:
        """The first request after an update of the function, minus the time of a warm one."""
        seconds = []
        for _ in range(COLD_STARTS):
            self._stack.functions.replace_api_environments()
            seconds.append(self._refused() - self._refused())
        yield (
            "cold start of the API's function (median of 5)",
            f"{statistics.median(seconds) * 1000:.0f} ms",
        )

    def warm(self) -> Iterator[Row]:
        seconds = [self._refused() for _ in range(200)]
        yield (
            "warm invocation through the API (p50)",
            f"{statistics.median(seconds) * 1000:.1f} ms",
        )

    def memory(self) -> Iterator[Row]:
        """Of the emulator and all its child processes, while 50 batches are processed at once."""
        most = Memory(0, 0)
        with self._stack.functions.mappings.limited_to(CONCURRENCY):
            self._enqueue("memory", CONCURRENCY * 40, "x" * TEXT_LENGTH)
            end = time.monotonic() + PATIENCE_SECONDS
            while self._stack.queues.depth() and time.monotonic() < end:
                most = max(most, Memory.of_tree(self._process))
                time.sleep(0.2)
        figures = f"{most.megabytes:,.0f} MB ({most.processes} processes)"
        yield f"memory at {CONCURRENCY} concurrent batches", figures

    def _load(self, clients: int, url: str, *log: str) -> str:
        """Requests a second, p50 and p99. `log` is what client.py takes."""
        answer = subprocess.run(  # noqa: S603 - our own module
            [
                # -P: the package of this checkout, whatever the current folder is
                *(sys.executable, "-P", "-m", "rdp.bench.client"),
                *(url, str(clients), str(self._seconds), *log),
            ],
            check=True,
            stdout=subprocess.PIPE,
        )
        return load_figures(json.loads(answer.stdout), self._seconds)

    def _store_one(self) -> float:
        log_id = uuid.uuid4().hex
        api = Api(self._stack.api.url)
        status = api.post(json.dumps({"tenant_id": self._tenant, "log_id": log_id, "text": "x"}))
        began = time.perf_counter()
        api.close()
        if status != ACCEPTED:
            raise StackError(f"POST /ingest was answered {status}")
        wait_until(
            lambda: self._stack.records.get(self._tenant, log_id),
            deadline=PATIENCE_SECONDS,
            what=f"the record of {log_id}",
            interval=0.002,
        )
        return time.perf_counter() - began

    def _refused(self) -> float:
        """The seconds of a request that the function refuses, on a new connection: the way through
        API and function, without the queue."""
        api = Api(self._stack.api.url)
        began = time.perf_counter()
        status = api.post("{}")
        seconds = time.perf_counter() - began
        api.close()
        if status != REFUSED:
            raise StackError(f"POST /ingest of an empty object was answered {status}")
        return seconds

    def _enqueue(self, name: str, count: int, text: str) -> None:
        messages = (QueueMessage(self._tenant, f"{name}-{number}", text) for number in range(count))
        self._stack.queues.short.send(*map(Envelope.of, messages))

    def _wait_until_quiet(self) -> None:
        self._stack.queues.wait_until_empty(deadline=PATIENCE_SECONDS)


def load_figures(answers: dict[str, Any], lasted: int) -> str:
    """Requests a second, p50 and p99.

    :param answers: what client.py prints
    :param lasted: seconds
    :raises StackError: no request succeeded
    """
    seconds = sorted(answers["succeeded"])
    if not seconds:
        raise StackError(f"no request of {lasted} s succeeded: see `rdp health`")
    p50, p99 = (seconds[int(len(seconds) * share)] * 1000 for share in (0.5, 0.99))
    refused = f", {answers['others']} not accepted" if answers["others"] else ""
    return f"{len(seconds) / lasted:.0f} ({p50:.1f} ms, {p99:.1f} ms){refused}"


def is_running(process: int) -> bool:
    return psutil.pid_exists(process)


@dataclass(frozen=True, order=True)
class Memory:
    """Proportional set size: memory that processes share counts once."""

    megabytes: float
    processes: int

    @classmethod
    def of_tree(cls, root: int) -> Self:
        process = psutil.Process(root)
        sizes = [_proportional(each) for each in (process, *process.children(recursive=True))]
        return cls(sum(sizes) / 1024**2, len(sizes))


def _proportional(process: psutil.Process) -> int:
    """In bytes; 0 if the process has just ended."""
    with contextlib.suppress(psutil.NoSuchProcess):
        return int(process.memory_full_info().pss)
    return 0
