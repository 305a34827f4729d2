"""What a month costs, line by line. Log lines' bytes and CPU times are measured: measured.py.

Every log that comes is counted as processed, also where a backlog grows: then in full batches.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from math import ceil

from rdp.capacity import measured, prices
from rdp.capacity.lane import Lane, batch_seconds
from rdp.capacity.prices import Price
from rdp.capacity.settings import Settings
from rdp.capacity.workload import Lengths, Workload

MONTH_SECONDS = 730 * 3600
_IDLE_POLLERS = 5
# lambdas/api/backlog.py
_LOOK_EVERY_SECONDS = 5
# infra/alarms.tf, infra/dashboard.tf
ALARMS, _DASHBOARDS = 9, 1


@dataclass(frozen=True)
class Line:
    part: str
    what: str
    units: float
    """A month."""
    price: Price

    @property
    def dollars(self) -> float:
        """A month."""
        return self.price.cost(self.units)


@dataclass(frozen=True)
class Bill:
    lines: list[Line]
    logs: float
    """A month: those that clients send."""

    @property
    def dollars(self) -> float:
        """A month."""
        return sum(line.dollars for line in self.lines)

    def per_million(self, *lines: Line) -> float:
        """Dollars for a million logs: of these lines, or of all."""
        dollars = sum(line.dollars for line in lines) if lines else self.dollars
        return dollars / self.logs * 1e6


def bill(workload: Workload, settings: Settings, lanes: list[Lane]) -> Bill:
    """:param lanes: from `lane.lanes`"""
    logs = workload.rate * MONTH_SECONDS
    lines = [
        *_api(workload.lengths, settings, logs),
        *_queue(workload.lengths, settings, lanes, logs),
        *_worker(lanes, settings),
        *_table(lanes, settings),
        *_logs(lanes, settings, logs),
        *_fixed(),
    ]
    return Bill(lines, logs)


def api_seconds(settings: Settings) -> float:
    """How long the API's function takes for a request."""
    cpu = min(1.0, settings.api_memory_mb / measured.FULL_CPU_MB)
    return measured.CALL_SECONDS + measured.API_CPU_SECONDS / cpu


def _api(lengths: Lengths, settings: Settings, logs: float) -> Iterable[Line]:
    chunks = lengths.mean(lambda chars: ceil(chars / prices.HTTP_API_CHUNK_BYTES))
    yield Line("HTTP API", "requests", logs * chunks, prices.HTTP_API)
    yield Line("API function", "requests", logs, prices.LAMBDA_REQUESTS)
    gigabyte_seconds = logs * api_seconds(settings) * settings.api_memory_mb / 1024
    yield Line("API function", "GB-seconds", gigabyte_seconds, prices.LAMBDA_ARM)


def _queue(lengths: Lengths, settings: Settings, lanes: list[Lane], logs: float) -> Iterable[Line]:
    environments = max(1.0, logs / MONTH_SECONDS * api_seconds(settings))
    yield Line("SQS", "send", logs * lengths.mean(_chunks), prices.SQS_REQUESTS)
    yield Line("SQS", "fair queue", logs, prices.SQS_FAIR)
    receives = sum(_receives(lane) for lane in lanes) * MONTH_SECONDS
    yield Line("SQS", "receive", receives, prices.SQS_REQUESTS)
    yield Line("SQS", "empty receive", _empty_receives(lanes), prices.SQS_REQUESTS)
    looks = sum(_looks(lane.rate, environments) for lane in lanes) * MONTH_SECONDS
    yield Line("SQS", "look at the backlog", looks, prices.SQS_REQUESTS)
    batches = [(_a_month(lane), lane) for lane in lanes]
    claims = sum(count * _tens(lane) for count, lane in batches)
    yield Line("SQS", "claim, by tens", claims, prices.SQS_REQUESTS)
    deletes = sum(count * (_deletes(lane) + _tens(lane)) for count, lane in batches)
    yield Line("SQS", "delete, worker and Lambda", deletes, prices.SQS_REQUESTS)


def _worker(lanes: list[Lane], settings: Settings) -> Iterable[Line]:
    invocations = sum(_a_month(lane) for lane in lanes)
    yield Line("Worker function", "requests", invocations, prices.LAMBDA_REQUESTS)
    seconds = sum(
        _a_month(lane) * batch_seconds(lane.lengths, settings, lane.batching.messages)
        for lane in lanes
    )
    gigabyte_seconds = seconds * settings.worker_memory_mb / 1024
    yield Line("Worker function", "GB-seconds", gigabyte_seconds, prices.LAMBDA_ARM)


def _table(lanes: list[Lane], settings: Settings) -> Iterable[Line]:
    def units(chars: int) -> int:
        return write_units(chars, with_original=settings.store_original_text)

    written = sum(lane.rate * lane.lengths.mean(units) for lane in lanes) * MONTH_SECONDS
    yield Line("DynamoDB", "writes", written, prices.DYNAMODB_WRITES)


def _logs(lanes: list[Lane], settings: Settings, logs: float) -> Iterable[Line]:
    platform = _events(measured.PLATFORM_LINES)
    lines = settings.lines_a_record
    api = logs * (platform + _events(measured.API_LINES[lines]))
    yield Line("CloudWatch", "API function's log", api / prices.GIGABYTE, prices.LAMBDA_LOGS)
    records = sum(lane.rate for lane in lanes) * MONTH_SECONDS
    worker = records * _events(measured.WORKER_LINES[lines])
    worker += sum(_a_month(lane) for lane in lanes) * platform
    yield Line("CloudWatch", "worker's log", worker / prices.GIGABYTE, prices.LAMBDA_LOGS)
    access = logs * _events((measured.ACCESS_LINE,))
    yield Line("CloudWatch", "access log", access / prices.GIGABYTE, prices.LOGS)


def _events(lines: tuple[int, ...]) -> int:
    """Bytes that CloudWatch ingests."""
    return sum(lines) + len(lines) * measured.LOG_EVENT_BYTES


def _fixed() -> Iterable[Line]:
    yield Line("CloudWatch", "custom metrics", measured.CUSTOM_METRICS, prices.CUSTOM_METRICS)
    yield Line("CloudWatch", "alarms", ALARMS, prices.ALARMS)
    yield Line("CloudWatch", "dashboard", _DASHBOARDS, prices.DASHBOARDS)


def write_units(chars: int, *, with_original: bool) -> int:
    """DynamoDB's units for a record with these characters of one byte each."""
    if with_original:
        size = measured.RECORD_BYTES + 2 * chars
    else:
        size = measured.RECORD_BYTES_WITHOUT_ORIGINAL + chars
    return ceil(size / prices.DYNAMODB_UNIT_BYTES)


def _a_month(lane: Lane) -> float:
    """Batches."""
    return lane.batching.invocations(lane.rate) * MONTH_SECONDS


def _tens(lane: Lane) -> float:
    """Calls for all messages of a batch, ten in each."""
    return max(1.0, lane.batching.messages / 10)


def _deletes(lane: Lane) -> float:
    """The worker deletes as soon as records are stored. Of those that end together the first has a
    separate call, and the others are deleted by tens while it is under way."""
    messages = lane.batching.messages
    first = lane.lengths.distinct(messages)
    return first + max(0.0, messages - first) / 10


def _chunks(chars: int) -> int:
    return ceil((chars + measured.MESSAGE_BYTES) / prices.SQS_CHUNK_BYTES)


def _receives(lane: Lane) -> float:
    """A second, with messages."""
    batching = lane.batching
    filled = batching.receives(lane.rate) - batching.empty_receives(lane.rate)
    return filled * lane.lengths.mean(_chunks)


def _looks(rate: float, environments: float) -> float:
    """A second: the first request that each of the API's environments gets after 5 s looks whether
    the lane's queue is full."""
    return environments / (_LOOK_EVERY_SECONDS + environments / rate)


def _empty_receives(lanes: list[Lane]) -> float:
    """A month. A lane without logs is polled as well."""
    polling = sum(lane.batching.empty_receives(lane.rate) for lane in lanes)
    idle = (2 - len(lanes)) * _IDLE_POLLERS / 20
    return (polling + idle) * MONTH_SECONDS
