"""Measure a running stack: accepted requests, storing, the worker's throughput, starts, memory."""

import argparse
import contextlib
import json
import statistics
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Self

import psutil

from e2e.deployment import LOCAL_ENDPOINT, Deployment
from e2e.stack import Stack
from e2e.waiting import DeadlineExceededError, wait_until
from e2e.wire import Envelope, QueueMessage
from scripts.bench_client import Api
from scripts.console import StatusLine, run, say, whole_number

CLIENTS = (1, 8, 32)
FLOOR_CLIENTS = 8
# 5 s of the worker's time each, as the specification has it
TEXT_LENGTH = 100
REST_LOGS = 50
WORKER_MESSAGES = 2000
COLD_STARTS = 5
CONCURRENCY = 50
PATIENCE_SECONDS = 180
ACCEPTED, REFUSED = 202, 400

# memory before requests, which leave environments of the API behind
MEASUREMENTS = ("floor", "cold_start", "warm", "storing", "worker", "memory", "requests")

Row = tuple[str, str]
"""What was measured, and the figures."""


class Bench:
    """The measurements, each of which yields rows of the table.

    :param process: the emulator's process id
    """

    def __init__(
        self, stack: Stack, seconds: int, process: int, measurements: Sequence[str]
    ) -> None:
        self._stack = stack
        self._seconds = seconds
        self._process = process
        self._measurements = measurements
        self._tenant = f"bench-{uuid.uuid4().hex[:6]}"

    def rows(self) -> Iterator[Row]:
        status = StatusLine()
        for name in self._measurements:
            measure = getattr(self, name)
            status.show(f"measuring {name.replace('_', ' ')} ...")
            try:
                yield from measure()
                self._wait_until_quiet()
            except DeadlineExceededError as error:
                say(f"{name}: given up: {error}")
                self._stack.purge_queue()
        status.end()

    def clean(self) -> None:
        self._stack.delete_records(self._tenant)

    def requests(self) -> Iterator[Row]:
        """Workers run beside: what is accepted is processed, 5 s each."""
        for clients in CLIENTS:
            yield (
                f"accepted requests a second, {clients} client{'s' * (clients > 1)} (p50, p99)",
                self._load(
                    clients, self._stack.outputs.api_invoke_url, self._tenant, str(TEXT_LENGTH)
                ),
            )
            self._wait_until_quiet()

    def floor(self) -> Iterator[Row]:
        """What the machine and the emulator's HTTP server take: no request can be faster."""
        yield (
            f"floor: its health page a second, {FLOOR_CLIENTS} clients (p50, p99)",
            self._load(FLOOR_CLIENTS, f"{LOCAL_ENDPOINT}/_localstack/health"),
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
            datetime.fromisoformat(record.processed_at).timestamp()
            for record in self._stack.records(self._tenant)
            if record.log_id.startswith("worker-")
        ]
        rate = len(stored) / (max(stored) - min(stored))
        yield f"messages a second through the worker (of {len(stored):,})", f"{rate:.0f}"

    def cold_start(self) -> Iterator[Row]:
        """The first request after an update of the function, less what a warm one takes."""
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
        """Of the emulator and all that it started, while 50 batches are processed at once."""
        most = Memory(0, 0)
        with self._stack.functions.changed_worker_concurrency(CONCURRENCY):
            self._enqueue("memory", CONCURRENCY * 40, "x" * TEXT_LENGTH)
            end = time.monotonic() + PATIENCE_SECONDS
            while self._stack.queue_depth() and time.monotonic() < end:
                most = max(most, Memory.of_tree(self._process))
                time.sleep(0.2)
        figures = f"{most.megabytes:,.0f} MB ({most.processes} processes)"
        yield f"memory at {CONCURRENCY} concurrent batches", figures

    def _load(self, clients: int, url: str, *log: str) -> str:
        """Requests a second, p50 and p99; `log` as scripts/bench_client.py takes it."""
        answer = subprocess.run(  # noqa: S603 - our own module
            [
                *(sys.executable, "-m", "scripts.bench_client"),
                *(url, str(clients), str(self._seconds), *log),
            ],
            check=True,
            stdout=subprocess.PIPE,
        )
        answers: dict[str, Any] = json.loads(answer.stdout)
        seconds = sorted(answers["succeeded"])
        p50, p99 = (seconds[int(len(seconds) * share)] * 1000 for share in (0.5, 0.99))
        refused = f", {answers['others']} not accepted" if answers["others"] else ""
        return f"{len(seconds) / self._seconds:.0f} ({p50:.1f} ms, {p99:.1f} ms){refused}"

    def _store_one(self) -> float:
        log_id = uuid.uuid4().hex
        api = Api(self._stack.outputs.api_invoke_url)
        status = api.post(json.dumps({"tenant_id": self._tenant, "log_id": log_id, "text": "x"}))
        began = time.perf_counter()
        api.close()
        if status != ACCEPTED:
            raise RuntimeError(f"POST /ingest was answered {status}")
        wait_until(
            lambda: self._stack.record(self._tenant, log_id),
            deadline=PATIENCE_SECONDS,
            what=f"the record of {log_id}",
            interval=0.002,
        )
        return time.perf_counter() - began

    def _refused(self) -> float:
        """The seconds of a request that the function refuses, on a connection of its own: the way
        through API and function, without the queue."""
        api = Api(self._stack.outputs.api_invoke_url)
        began = time.perf_counter()
        status = api.post("{}")
        seconds = time.perf_counter() - began
        api.close()
        if status != REFUSED:
            raise RuntimeError(f"POST /ingest of an empty object was answered {status}")
        return seconds

    def _enqueue(self, name: str, count: int, text: str) -> None:
        messages = (QueueMessage(self._tenant, f"{name}-{number}", text) for number in range(count))
        self._stack.enqueue(*map(Envelope.of, messages))

    def _wait_until_quiet(self) -> None:
        self._stack.wait_for_empty_queue(deadline=PATIENCE_SECONDS)


@dataclass(frozen=True, order=True)
class Memory:
    """Proportional set size: what processes share counts once."""

    megabytes: float
    processes: int

    @classmethod
    def of_tree(cls, root: int) -> Self:
        process = psutil.Process(root)
        sizes = [_proportional(each) for each in (process, *process.children(recursive=True))]
        return cls(sum(sizes) / 1024**2, len(sizes))


def _proportional(process: psutil.Process) -> int:
    """In bytes; 0 where the process just ended."""
    with contextlib.suppress(psutil.NoSuchProcess):
        return int(process.memory_full_info().pss)
    return 0


def main() -> None:
    parser = argparse.ArgumentParser(prog="scripts/bench.sh", description=__doc__)
    parser.add_argument(
        "--process", type=whole_number(1), required=True, help="the emulator's process id"
    )
    parser.add_argument(
        "--seconds", type=whole_number(1), default=10, help="of each load (default: 10)"
    )
    parser.add_argument("--output", type=Path, required=True, help="the file for the rows, JSON")
    parser.add_argument(
        "--only",
        nargs="+",
        choices=MEASUREMENTS,
        default=MEASUREMENTS,
        help="some of the measurements",
    )
    options = parser.parse_args()
    stack = Stack(Deployment.from_environment())
    bench = Bench(stack, options.seconds, options.process, options.only)
    rows = {}
    try:
        for name, figures in bench.rows():
            say(f"{name}: {figures}")
            rows[name] = figures
    finally:
        bench.clean()
    options.output.write_text(json.dumps(rows))


if __name__ == "__main__":
    run(main)
