"""A stage's access log: its format with the $context variables filled in, to CloudWatch Logs."""

import logging
import queue
import re
import threading
import time
from collections import defaultdict
from datetime import UTC, datetime

from moto.logs.models import LogsBackend, logs_backends

from .payload import Request

LOG = logging.getLogger(__name__)

_VARIABLE = re.compile(r"\$context\.([A-Za-z]+(?:\.[A-Za-z]+)*)")
_FLUSH_SECONDS = 0.5


def render(log_format: str, variables: dict[str, str]) -> str:
    """Fill in the variables; one without a value becomes a hyphen, as AWS writes it."""
    return _VARIABLE.sub(lambda found: variables.get(found[1]) or "-", log_format)


def variables_of(
    request: Request, status: int, length: int, seconds: float, error: str
) -> dict[str, str]:
    """The $context variables of a finished request, by name without the prefix.

    :param seconds: from the request's arrival to its response
    :param error: the gateway's own error message, where it answered itself
    """
    return {
        "requestId": request.request_id,
        "extendedRequestId": request.request_id,
        "apiId": request.api_id,
        "accountId": request.account_id,
        "stage": request.stage,
        "routeKey": request.route_key,
        "httpMethod": request.method,
        "path": request.raw_path,
        "protocol": request.protocol,
        "status": str(status),
        "responseLength": str(length),
        "responseLatency": str(round(seconds * 1000)),
        "integrationLatency": str(round(seconds * 1000)),
        "integrationStatus": "-" if error else "200",
        "integration.status": "-" if error else str(status),
        "integration.latency": str(round(seconds * 1000)),
        "identity.sourceIp": request.source_ip,
        "identity.userAgent": request.header("user-agent"),
        "domainName": request.header("host"),
        "requestTime": request.received.strftime("%d/%b/%Y:%H:%M:%S +0000"),
        "requestTimeEpoch": str(int(request.received.timestamp() * 1000)),
        "error.message": error,
    }


class AccessLog:
    """Writes lines to log groups from a thread of its own, off the requests' path."""

    def __init__(self) -> None:
        self._lines: queue.SimpleQueue[tuple[str, int, str]] = queue.SimpleQueue()
        threading.Thread(target=self._run, name="http-api-access-log", daemon=True).start()

    def write(self, log_group_arn: str, line: str) -> None:
        self._lines.put((log_group_arn, int(time.time() * 1000), line))

    def _run(self) -> None:
        while True:
            events: dict[str, list[dict[str, object]]] = defaultdict(list)
            group, timestamp, line = self._lines.get()
            events[group].append({"timestamp": timestamp, "message": line})
            time.sleep(_FLUSH_SECONDS)
            while not self._lines.empty():
                group, timestamp, line = self._lines.get()
                events[group].append({"timestamp": timestamp, "message": line})
            for arn, lines in events.items():
                try:
                    _put(arn, lines)
                except Exception:
                    LOG.exception("cannot write the access log to %s", arn)


def _put(log_group_arn: str, events: list[dict[str, object]]) -> None:
    _, _, _, region, account, _, group = log_group_arn.removesuffix(":*").split(":", 6)
    backend: LogsBackend = logs_backends[account][region]
    stream = f"{datetime.now(UTC):%Y/%m/%d}/http-api"
    if group not in backend.groups:
        LOG.warning("the access log's group %s does not exist", group)
        return
    if stream not in backend.groups[group].streams:
        backend.create_log_stream(group, stream)
    backend.put_log_events(group, stream, events)
