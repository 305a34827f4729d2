"""AWS's quotas, and at what rate of logs each is used up."""

from __future__ import annotations

import math
from dataclasses import dataclass

from rdp.capacity.bill import api_seconds, write_units
from rdp.capacity.lane import Lane, batch_seconds
from rdp.capacity.settings import Settings
from rdp.capacity.workload import Workload

_DOCS = "https://docs.aws.amazon.com/"
_HTTP_API = _DOCS + "apigateway/latest/developerguide/limits.html"
_LAMBDA = _DOCS + "lambda/latest/dg/gettingstarted-limits.html"
_LAMBDA_REQUESTS = _DOCS + "lambda/latest/dg/lambda-concurrency.html"
_MAPPING = _DOCS + "lambda/latest/dg/services-sqs-scaling.html"
_SQS = _DOCS + "AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-queues.html"
_DYNAMODB = _DOCS + "amazondynamodb/latest/developerguide/ServiceQuotas.html"
_DYNAMODB_NEW = _DOCS + "amazondynamodb/latest/developerguide/on-demand-capacity-mode.html"
_PARTITION = _DOCS + "amazondynamodb/latest/developerguide/warm-throughput-scenarios.html"

# of an account, and of a mapping
_CONCURRENCY = 1000
_IN_FLIGHT = 120_000


@dataclass(frozen=True)
class Limit:
    name: str
    value: float
    logs_a_second: float
    """At this rate it is used up; more breaks it."""
    remedy: str
    source: str

    def use(self, rate: float) -> float:
        """The share of it that this number of logs a second takes."""
        return rate / self.logs_a_second


def limits(workload: Workload, settings: Settings, lanes: list[Lane]) -> list[Limit]:
    """Those that the rate reaches first come first.

    A quota of the worker is compared with full batches, which are the best that it can do.
    """
    shares = [lane.rate / workload.rate for lane in lanes]
    found = [*_requests(settings, shares, lanes), *_writes(workload, settings)]
    for share, lane in zip(shares, lanes, strict=True):
        found += _lane_limits(share, lane, settings)
    return sorted(found, key=lambda limit: limit.logs_a_second)


def _requests(settings: Settings, shares: list[float], lanes: list[Lane]) -> list[Limit]:
    more = "request more concurrency"
    lanes_with_shares = list(zip(shares, lanes, strict=True))
    seconds = sum(share * _worker_seconds(lane, settings) for share, lane in lanes_with_shares)
    batches = sum(share / lane.mapping.batch_size for share, lane in lanes_with_shares)
    return [
        Limit("HTTP API: requests a second", 10_000, 10_000, "request a higher quota", _HTTP_API),
        # ten for each concurrent invocation that the account may have
        Limit(
            "Lambda: requests a second in the account",
            10 * _CONCURRENCY,
            10 * _CONCURRENCY / (1 + batches),
            more,
            _LAMBDA_REQUESTS,
        ),
        Limit(
            "Lambda: concurrent invocations in the account",
            _CONCURRENCY,
            _CONCURRENCY / (api_seconds(settings) + seconds),
            more,
            _LAMBDA,
        ),
    ]


def _writes(workload: Workload, settings: Settings) -> list[Limit]:
    units = workload.lengths.mean(
        lambda chars: write_units(chars, with_original=settings.store_original_text)
    )
    return [
        Limit(f"DynamoDB: writes a second {where}", value, value / units, remedy, source)
        for where, value, remedy, source in (
            ("of one tenant, in one partition", 1000, "wait: hot partitions are split", _PARTITION),
            ("of a new table", 4000, "set its warm throughput beforehand", _DYNAMODB_NEW),
            ("of a table", 40_000, "request a higher quota", _DYNAMODB),
        )
    ]


def _lane_limits(share: float, lane: Lane, settings: Settings) -> list[Limit]:
    each = share * _worker_seconds(lane, settings)
    held = share * (lane.batching.mean_wait + lane.processing_seconds)
    most = lane.mapping.most_processes
    return [
        Limit(f"{lane.name} lane: {name}", value, _at(value, seconds), remedy, source)
        for name, value, seconds, remedy, source in (
            ("its maximum concurrency", most, each, "raise it, or the batch size", _MAPPING),
            ("concurrency of a mapping", _CONCURRENCY, each, "another queue", _MAPPING),
            ("messages in flight", _IN_FLIGHT, held, "another queue", _SQS),
        )
    ]


def _at(value: float, seconds: float) -> float:
    """Logs a second that keep these places busy, each for these seconds."""
    return value / seconds if seconds else math.inf


def _worker_seconds(lane: Lane, settings: Settings) -> float:
    """Of an invocation, for each message of a full batch."""
    most = lane.mapping.batch_size
    return batch_seconds(lane.lengths, settings, most) / most
