"""Measure a running stack: accepted requests, storing, the worker's throughput, starts, memory,
processor time."""

import json
import statistics
import time
import uuid
from collections.abc import Callable, Iterator, Sequence

from rdp.bench.client import Api
from rdp.bench.load import Load, run_load
from rdp.bench.memory import Memory
from rdp.bench.processor import API, WORKER, ProcessorTime
from rdp.checkout import local_endpoint
from rdp.stack import Envelope, QueueMessage, Stack, StackError
from rdp.stack.messages import epoch_seconds
from rdp.waiting import DeadlineExceededError, wait_until

CLIENTS = (1, 8, 32)
FLOOR_CLIENTS = 8
_CLIENTS = f"{FLOOR_CLIENTS} clients"
# 5 s of the worker's time each, as in the specification
TEXT_LENGTH = 100
REST_LOGS = 50
WORKER_MESSAGES = 2000
COLD_STARTS = 5
# so that environments have started before processor time is measured
WARMUP_SECONDS = 2
WARMUP_MESSAGES = 200
CONCURRENCY = 50
BATCH_SIZE = 10
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
        """With batches of ten and no batching window: a log waits for nothing but the stack."""
        with self._stack.functions.mappings.batching(BATCH_SIZE, 0):
            for name in measurements:
                progress(f"measuring {name.replace('_', ' ')} ...")
                yield from self._measure(name)

    def _measure(self, name: str) -> Iterator[Row]:
        try:
            yield from getattr(self, name)()
            self._wait_until_quiet()
        except DeadlineExceededError as error:
            yield name, f"given up: {error}"
            self._stack.queues.purge()

    def clean(self) -> None:
        self._stack.records.delete_of(self._tenant)

    def requests(self) -> Iterator[Row]:
        """While workers process what is accepted, 5 s each."""
        for clients in CLIENTS:
            pages = self._pages() if clients == FLOOR_CLIENTS else None
            requests = self._requests(TEXT_LENGTH, self._seconds, clients)
            yield (
                f"accepted requests a second, {clients} client{'s' * (clients > 1)} (p50, p99)",
                requests.figures(pages),
            )
            self._wait_until_quiet()

    def floor(self) -> Iterator[Row]:
        """The time of the machine and of the emulator's HTTP server: no request can be faster."""
        yield f"floor: its health page a second, {_CLIENTS} (p50, p99)", self._pages().figures()

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

    def api_alone(self) -> Iterator[Row]:
        """Requests while the worker is paused: no log is processed."""
        with self._stack.functions.mappings.paused():
            self._requests(1, WARMUP_SECONDS)
            pages, before = self._pages(), self._processor_time()
            requests = self._requests(1, self._seconds)
            used = self._processor_time() - before
            self._stack.queues.purge()
        yield from _processor_rows("the API alone", requests, pages, used)

    def side_by_side(self) -> Iterator[Row]:
        """Requests, while the worker stores what was accepted, with processing time 0."""
        with self._stack.functions.changed_worker_environment(PROCESSING_SECONDS_PER_CHAR="0"):
            self._requests(1, WARMUP_SECONDS)
            self._wait_until_quiet()
            pages, before = self._pages(), self._processor_time()
            requests = self._requests(1, self._seconds)
            self._wait_until_quiet()
            used = self._processor_time() - before
        yield from _processor_rows("API and worker side by side", requests, pages, used)

    def drain(self) -> Iterator[Row]:
        """A backlog of messages, with processing time 0 and no requests."""
        with self._stack.functions.changed_worker_environment(PROCESSING_SECONDS_PER_CHAR="0"):
            self._enqueue("warmup", WARMUP_MESSAGES, "x")
            self._wait_until_quiet()
            with self._stack.functions.mappings.paused():
                self._enqueue("drain", WORKER_MESSAGES, "x")
                before = self._processor_time()
            self._wait_until_quiet()
            used = self._processor_time() - before
        name = f"processor time a log, {WORKER_MESSAGES:,} waiting logs"
        yield name, used.figures(WORKER_MESSAGES)

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

    def _pages(self) -> Load:
        """Of the emulator's health page."""
        return run_load(FLOOR_CLIENTS, self._seconds, f"{local_endpoint()}/_localstack/health")

    def _requests(self, text_length: int, seconds: int, clients: int = FLOOR_CLIENTS) -> Load:
        """Of POST /ingest."""
        log = self._tenant, str(text_length)
        return run_load(clients, seconds, self._stack.api.url, *log)

    def _processor_time(self) -> ProcessorTime:
        functions = self._stack.functions
        parts = {functions.api: API, functions.worker: WORKER}
        return ProcessorTime.of_tree(self._process, parts)

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


def _processor_rows(
    workload: str, requests: Load, pages: Load, used: ProcessorTime
) -> Iterator[Row]:
    yield (
        f"accepted requests a second, {workload}, {_CLIENTS} (p50, p99)",
        requests.figures(pages),
    )
    yield f"processor time a log, {workload}", used.figures(requests.succeeded)
