"""The log lines of the functions and of the HTTP API."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING

from rdp.parsing import json_object
from rdp.target import Part

if TYPE_CHECKING:
    from mypy_boto3_logs.type_defs import FilterLogEventsRequestPaginateTypeDef

    from rdp.deployment import Deployment


@dataclass(frozen=True)
class LogLine:
    event_id: str
    stored_at: float
    """Seconds since the epoch. LocalStack stores all lines of an invocation when it ends."""
    text: str

    @cached_property
    def fields(self) -> dict[str, object] | None:
        """The fields of a JSON line; None for a line of the platform (`START RequestId: ...`)."""
        return json_object(self.text)

    @property
    def written_at(self) -> float:
        """Seconds since the epoch: the line's own timestamp, if it has one that can be read."""
        timestamp = (self.fields or {}).get("timestamp")
        try:
            return datetime.fromisoformat(str(timestamp)).timestamp()
        except ValueError:
            return self.stored_at

    @property
    def event(self) -> object:
        """What a line of the functions is about: "stored", "retried", ..."""
        return (self.fields or {}).get("message")


class Logs:
    def __init__(self, deployment: Deployment) -> None:
        outputs = deployment.outputs
        self._groups = {
            Part.API: f"/aws/lambda/{outputs.api_function_name}",
            Part.WORKER: f"/aws/lambda/{outputs.worker_function_name}",
            Part.ACCESS: f"/aws/vendedlogs/apigateway/{outputs.api_function_name}",
        }
        self._client = deployment.clients.logs

    def of(self, part: Part, *, since: float, phrase: str = "") -> list[LogLine]:
        """Lines that contain the phrase, in the order in which they were stored.

        :param since: seconds since the epoch
        """
        lines = self.each(part, since=since, phrase=phrase)
        return sorted(lines, key=lambda line: line.stored_at)

    def each(
        self, part: Part, *, since: float, until: float | None = None, phrase: str = ""
    ) -> Iterator[LogLine]:
        """Lines that contain the phrase, in no order.

        LocalStack ignores the filter pattern, so the lines are filtered here again.

        :param since: seconds since the epoch
        :param until: seconds since the epoch, or None for no end
        """
        request: FilterLogEventsRequestPaginateTypeDef = {
            "logGroupName": self._groups[part],
            "startTime": _milliseconds(since),
            "filterPattern": json.dumps(phrase) if phrase else "",
        }
        if until is not None:
            request["endTime"] = _milliseconds(until)
        pages = self._client.get_paginator("filter_log_events").paginate(**request)
        for page in pages:
            for event in page["events"]:
                if phrase in event["message"]:
                    yield LogLine(
                        event["eventId"], event["timestamp"] / 1000, event["message"].rstrip()
                    )


def _milliseconds(moment: float) -> int:
    return max(0, int(moment * 1000))
