"""Calls the API as the HTTP API does."""

import json
from dataclasses import dataclass, replace
from http import HTTPStatus
from typing import Any, NamedTuple, Self

from api.app import Api
from api.publisher import Publisher
from api.request import Request
from pipeline.telemetry import Telemetry
from tests.lambdas.aws import InMemoryQueue
from tests.lambdas.builders import API_SETTINGS, JSON, REQUEST_ID, http_event


class Answer(NamedTuple):
    status: int
    headers: dict[str, str]
    body: dict[str, str]

    def assert_refused(self, status: int, fragment: str) -> None:
        assert self.status == status, self
        assert self.headers["Content-Type"] == "application/json"
        log_id = {"log_id"} if status >= HTTPStatus.INTERNAL_SERVER_ERROR else set()
        assert self.body.keys() == {"error", "message", "request_id"} | log_id
        assert self.body["error"] == HTTPStatus(status).phrase
        assert fragment in self.body["message"]
        assert self.body["request_id"] == REQUEST_ID


@dataclass(frozen=True)
class ApiClient:
    api: Api

    @classmethod
    def create(cls, queue: InMemoryQueue, telemetry: Telemetry, **changes: Any) -> Self:
        """A client of an API with settings changed."""
        settings = replace(API_SETTINGS, **changes)
        return cls(Api(settings, Publisher.of(queue.client, settings, telemetry), telemetry))

    def call(self, **parts: Any) -> Answer:
        """With the parts of an HTTP event that `http_event` takes."""
        return self.invoke(http_event(**parts))

    def post_json(self, **fields: Any) -> Answer:
        return self.call(headers=JSON, body=json.dumps(fields))

    def invoke(self, event: dict[str, Any]) -> Answer:
        response = self.api.respond(Request.from_event(event, "lambda-request-id"))
        return Answer(response["statusCode"], response["headers"], json.loads(response["body"]))
