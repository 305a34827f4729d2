"""CloudWatch metrics of queues and functions, written in batches.

Stock LocalStack calls PutMetricData, a transaction on disk, for every message that is sent,
received or deleted and for every invocation. Here values are aggregated for some seconds.
"""

import logging
import threading
import time
from collections import defaultdict
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, NamedTuple

from localstack.aws.connect import connect_to
from localstack.services.sqs.provider import CloudwatchDispatcher

LOG = logging.getLogger(__name__)

FLUSH_SECONDS = 10


class Metric(NamedTuple):
    account_id: str
    region: str
    namespace: str
    name: str
    dimension: tuple[str, str]
    unit: str = "Count"


@dataclass
class _Statistics:
    count: int = 0
    total: float = 0
    least: float = float("inf")
    most: float = float("-inf")

    def add(self, value: float) -> None:
        self.count += 1
        self.total += value
        self.least = min(self.least, value)
        self.most = max(self.most, value)


class MetricBuffer:
    def __init__(self) -> None:
        self._statistics: dict[Metric, _Statistics] = defaultdict(_Statistics)
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None

    def add(self, metric: Metric, value: float = 1) -> None:
        with self._lock:
            self._statistics[metric].add(value)
            if self._thread is None:
                self._thread = threading.Thread(
                    target=self._run, name="cloudwatch-metrics", daemon=True
                )
                self._thread.start()

    def _run(self) -> None:
        while True:
            time.sleep(FLUSH_SECONDS)
            with self._lock:
                statistics, self._statistics = self._statistics, defaultdict(_Statistics)
            try:
                _write(statistics)
            except Exception as error:  # noqa: BLE001 - metrics must not end the thread that writes them
                LOG.warning("cannot write metrics: %s", error)


def _write(statistics: dict[Metric, _Statistics]) -> None:
    now = datetime.now(UTC)
    data: dict[tuple[str, str, str], list[dict[str, Any]]] = defaultdict(list)
    for metric, values in statistics.items():
        data[metric.account_id, metric.region, metric.namespace].append(
            {
                "MetricName": metric.name,
                "Dimensions": [{"Name": metric.dimension[0], "Value": metric.dimension[1]}],
                "Unit": metric.unit,
                "Timestamp": now,
                "StatisticValues": {
                    "SampleCount": values.count,
                    "Sum": values.total,
                    "Minimum": values.least,
                    "Maximum": values.most,
                },
            }
        )
    for (account_id, region, namespace), metric_data in data.items():
        client = connect_to(aws_access_key_id=account_id, region_name=region).cloudwatch
        client.put_metric_data(Namespace=namespace, MetricData=metric_data)


BUFFER = MetricBuffer()


def add_sqs_metric(  # noqa: PLR0913 - as the method that it stands in for
    _dispatcher: CloudwatchDispatcher,
    account_id: str,
    region: str,
    queue_name: str,
    metric: str,
    value: float = 1,
    unit: str = "Count",
) -> None:
    """Stands in for CloudwatchDispatcher.dispatch_sqs_metric."""
    dimension = ("QueueName", queue_name)
    BUFFER.add(Metric(account_id, region, "AWS/SQS", metric, dimension, unit), value)


def add_invocation(function_name: str, account_id: str, region_name: str) -> None:
    """Stands in for record_cw_metric_invocation."""
    dimension = ("FunctionName", function_name)
    BUFFER.add(Metric(account_id, region_name, "AWS/Lambda", "Invocations", dimension))


def add_failed_invocation(function_name: str, account_id: str, region_name: str) -> None:
    """Stands in for record_cw_metric_error."""
    add_invocation(function_name, account_id, region_name)
    dimension = ("FunctionName", function_name)
    BUFFER.add(Metric(account_id, region_name, "AWS/Lambda", "Errors", dimension))


def start_thread_if_needed(start_thread: Any, method: Any, *args: Any, **kwargs: Any) -> Any:
    """Wraps the start_thread of LocalStack's version manager: adding to the buffer needs no
    thread."""
    if str(kwargs.get("name", "")).startswith("record-cloudwatch-metric"):
        return method()
    return start_thread(method, *args, **kwargs)
