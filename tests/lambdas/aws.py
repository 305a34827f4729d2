"""AWS in memory, below botocore.

The clients are real: they validate parameters, serialise requests and parse errors. Only the HTTP
exchange is replaced, by services that keep their state in memory.
"""

import io
import json
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any, Self

import boto3
from botocore.awsrequest import AWSResponse
from botocore.compat import HTTPHeaders
from botocore.config import Config
from botocore.exceptions import EndpointConnectionError

Payload = dict[str, Any]
QUEUE_URL = "https://sqs.us-east-1.amazonaws.com/123456789012/queue"


class ServiceError(Exception):
    """An error response of AWS."""

    def __init__(self, code: str, message: str = "", status: int = 400) -> None:
        super().__init__(code)
        self.status = status
        self.payload = {"__type": code, "message": message}


class InMemoryService:
    """Each operation is answered by the method with its name in snake case."""

    def __init__(self, name: str) -> None:
        self.calls: Counter[str] = Counter()
        self._faults: dict[str, Exception] = {}
        self._name = name

    @contextmanager
    def attached(self) -> Iterator[Self]:
        """Inside the context the client talks to this service."""
        events = self.client.meta.events
        events.register("before-send", self.answer)
        yield self
        events.unregister("before-send", self.answer)

    @property
    def client(self) -> Any:
        return _client(self._name)

    def refuses(self, operation: str, code: str, message: str = "", status: int = 400) -> None:
        self._faults[operation] = ServiceError(code, message, status)

    def is_unreachable(self) -> None:
        self._faults["*"] = EndpointConnectionError(endpoint_url="https://unreachable")

    def answer(self, **sending: Any) -> Any:
        """A handler of botocore's `before-send`: it returns the response."""
        request = sending["request"]
        operation = request.headers["X-Amz-Target"].decode().rpartition(".")[2]
        self.calls[operation] += 1
        try:
            self._fail(operation)
            status, payload = 200, self._operation(operation)(json.loads(request.body))
        except ServiceError as error:
            status, payload = error.status, error.payload
        body = _Body(json.dumps(payload).encode())
        return AWSResponse(request.url, status, HTTPHeaders(), body)

    def _fail(self, operation: str) -> None:
        fault = self._faults.get(operation) or self._faults.get("*")
        if fault:
            raise fault

    def _operation(self, name: str) -> Callable[[Payload], Payload]:
        snake = "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in name)
        operation: Callable[[Payload], Payload] = getattr(self, snake.lstrip("_"))
        return operation


class InMemoryQueue(InMemoryService):
    """An SQS queue: records what was sent, deleted and made visible."""

    def __init__(self) -> None:
        super().__init__("sqs")
        self.sent: list[Payload] = []
        self.deleted: list[str] = []
        self.visibility: dict[str, list[int]] = {}
        """Every visibility timeout that was set, by receipt handle."""
        self.expired_handles: set[str] = set()

    def sent_fields(self) -> dict[str, str]:
        """The fields of the only message that was sent."""
        [message] = self.sent
        fields: dict[str, str] = json.loads(message["MessageBody"])
        return fields

    def send_message(self, payload: Payload) -> Payload:
        self.sent.append(payload)
        return {"MessageId": f"message-{len(self.sent)}", "MD5OfMessageBody": ""}

    def delete_message_batch(self, payload: Payload) -> Payload:
        return _batch(
            payload, lambda entry: self.deleted.append(self._valid(entry["ReceiptHandle"]))
        )

    def change_message_visibility(self, payload: Payload) -> Payload:
        self._set_visibility(payload)
        return {}

    def change_message_visibility_batch(self, payload: Payload) -> Payload:
        return _batch(payload, self._set_visibility)

    def _set_visibility(self, entry: Payload) -> None:
        if not 0 <= entry["VisibilityTimeout"] <= 43_200:
            raise ServiceError("InvalidParameterValue")
        handle = self._valid(entry["ReceiptHandle"])
        self.visibility.setdefault(handle, []).append(entry["VisibilityTimeout"])

    def _valid(self, handle: str) -> str:
        if handle in self.expired_handles:
            raise ServiceError("ReceiptHandleIsInvalid")
        return handle


def _batch(payload: Payload, operation: Callable[[Payload], object]) -> Payload:
    if len(payload["Entries"]) > 10:
        raise ServiceError("TooManyEntriesInBatchRequest")
    answer: Payload = {"Successful": [], "Failed": []}
    for entry in payload["Entries"]:
        try:
            operation(entry)
            answer["Successful"].append({"Id": entry["Id"]})
        except ServiceError as error:
            failure = {"Id": entry["Id"], "Code": str(error), "SenderFault": True}
            answer["Failed"].append(failure)
    return answer


class InMemoryTable(InMemoryService):
    """A table that stores every item. The end-to-end tests cover DynamoDB's conditions."""

    def __init__(self) -> None:
        super().__init__("dynamodb")
        self.items: list[Payload] = []
        self.conditions: list[Payload] = []

    def put_item(self, payload: Payload) -> Payload:
        self.items.append(payload["Item"])
        self.conditions.append(
            {key: payload[key] for key in ("ConditionExpression", "ExpressionAttributeValues")}
        )
        return {}

    def log_ids(self) -> set[str]:
        return {item["log_id"]["S"] for item in self.items}

    def holds_a_later_log(self) -> None:
        self.refuses("PutItem", "ConditionalCheckFailedException")


class _Body(io.BytesIO):
    def stream(self, **_: object) -> Iterator[bytes]:
        yield self.read()


@cache
def _client(name: str) -> Any:
    # One attempt only, so that no test waits for a backoff.
    config = Config(retries={"mode": "standard", "total_max_attempts": 1})
    return boto3.client(
        name,  # type: ignore[call-overload]
        region_name="us-east-1",
        endpoint_url=f"https://{name}.us-east-1.amazonaws.com",
        aws_access_key_id="test",
        aws_secret_access_key="test",  # noqa: S106
        config=config,
    )
