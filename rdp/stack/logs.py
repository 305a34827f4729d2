"""The log lines of the functions and of the HTTP API."""

import json
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from rdp.deployment import Deployment
from rdp.stack.messages import json_object


class Part(StrEnum):
    """What writes a log of its own: the functions and the HTTP API (its access log)."""

    API = "api"
    WORKER = "worker"
    ACCESS = "access"


@dataclass(frozen=True)
class LogLine:
    event_id: str
    stored_at: float
    """Seconds since the epoch. LocalStack stores all lines of an invocation when it ends."""
    text: str

    @property
    def fields(self) -> dict[str, object] | None:
        """Of a JSON line; None for a line of the platform (`START RequestId: ...`)."""
        return json_object(self.text)

    @property
    def written_at(self) -> float:
        """Seconds since the epoch: the line's own timestamp, where it has one."""
        if self.fields and "timestamp" in self.fields:
            return datetime.fromisoformat(str(self.fields["timestamp"])).timestamp()
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
            Part.ACCESS: f"/aws/apigateway/{outputs.api_function_name}",
        }
        self._client = deployment.clients.logs

    def of(self, part: Part, *, since: float, phrase: str = "") -> list[LogLine]:
        """Lines from `since` (seconds since the epoch) that hold the phrase, as they were stored.

        LocalStack ignores the filter pattern, so the phrase is looked for here again.
        """
        pages = self._client.get_paginator("filter_log_events").paginate(
            logGroupName=self._groups[part],
            startTime=int(since * 1000),
            filterPattern=json.dumps(phrase) if phrase else "",
        )
        lines = [
            LogLine(event["eventId"], event["timestamp"] / 1000, event["message"].rstrip())
            for page in pages
            for event in page["events"]
            if phrase in event["message"]
        ]
        return sorted(lines, key=lambda line: line.stored_at)
