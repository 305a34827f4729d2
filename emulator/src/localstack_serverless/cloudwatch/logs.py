"""Log events of functions and HTTP APIs, written to CloudWatch Logs in batches by a thread."""

import logging
import queue
import threading
import time
from collections import defaultdict
from typing import Any, NamedTuple

from localstack.aws.connect import connect_to
from localstack.services.lambda_.invocation.logs import LogHandler, LogItem
from moto.logs.models import LogsBackend, logs_backends

LOG = logging.getLogger(__name__)

FLUSH_SECONDS = 0.2


class Stream(NamedTuple):
    account_id: str
    region: str
    group: str
    name: str


class LogWriter:
    """Collects lines; a thread, started with the first line, writes them."""

    def __init__(self) -> None:
        self._lines: queue.SimpleQueue[tuple[Stream, dict[str, Any]]] = queue.SimpleQueue()
        self._thread: threading.Thread | None = None
        self._lock = threading.Lock()

    def write(self, stream: Stream, *messages: str) -> None:
        timestamp = int(time.time() * 1000)
        for message in messages:
            self._lines.put((stream, {"timestamp": timestamp, "message": message}))
        with self._lock:
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="log-writer", daemon=True)
                self._thread.start()

    def _run(self) -> None:
        while True:
            events: dict[Stream, list[dict[str, Any]]] = defaultdict(list)
            stream, event = self._lines.get()
            events[stream].append(event)
            time.sleep(FLUSH_SECONDS)
            while not self._lines.empty():
                stream, event = self._lines.get()
                events[stream].append(event)
            for stream, batch in events.items():
                try:
                    _put(stream, batch)
                except Exception as error:  # noqa: BLE001 - one stream's failure must not end the thread
                    LOG.warning("cannot write to log group %s: %s", stream.group, error)


WRITER = LogWriter()


def _put(stream: Stream, events: list[dict[str, Any]]) -> None:
    backend: LogsBackend = logs_backends[stream.account_id][stream.region]
    if stream.group not in backend.groups:
        backend.create_log_group(stream.group, {})
    if stream.name not in backend.groups[stream.group].streams:
        backend.create_log_stream(stream.group, stream.name)
    if backend.filters.metric_filters:
        # only LocalStack's provider applies metric filters
        client = connect_to(aws_access_key_id=stream.account_id, region_name=stream.region).logs
        client.put_log_events(
            logGroupName=stream.group, logStreamName=stream.name, logEvents=events
        )
    else:
        backend.put_log_events(stream.group, stream.name, events)


def start_no_subscriber(_handler: LogHandler) -> None:
    """Stands in for LogHandler.start_subscriber."""


def add_logs(handler: LogHandler, item: LogItem) -> None:
    """Stands in for LogHandler.add_logs."""
    account_id = handler.role_arn.split(":")[4]
    lines = [line + "\n" for line in item.logs.split("\n") if line]
    WRITER.write(Stream(account_id, handler.region, item.log_group, item.log_stream), *lines)
