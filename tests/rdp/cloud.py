"""A stack in memory: AWS below botocore, so that rdp's own clients talk to it."""

import json
import math
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from rdp.deployment import Clients, Deployment, Outputs
from rdp.stack import LogKey, Stack
from rdp.target import Part, Target
from tests.aws import InMemoryService, Payload, ServiceError

QUEUE = "https://sqs.us-east-1.amazonaws.com/123456789012/queue"
LONG_QUEUE = "https://sqs.us-east-1.amazonaws.com/123456789012/long-queue"
DLQ = "https://sqs.us-east-1.amazonaws.com/123456789012/dlq"
BATCH_BYTES = 262_144
OUTPUTS = Outputs(
    api_invoke_url="http://localhost:9/api",
    sqs_queue_url=QUEUE,
    sqs_long_queue_url=LONG_QUEUE,
    sqs_dlq_url=DLQ,
    table_name="table",
    api_function_name="api",
    worker_function_name="worker",
    max_short_chars=400,
    max_text_chars=17000,
    region="us-east-1",
)
ENABLED = {"queue": "Enabled", "long-queue": "Enabled"}
"""The states of the worker's event source mappings, by queue."""
_PAGE = 2


@dataclass
class _Message:
    body: str
    source: str | None = None
    entry: Payload = field(default_factory=dict)
    """What it was sent with."""
    visible: bool = True


class InMemoryQueues(InMemoryService):
    """The queues and their DLQ. A received message stays invisible until it is released."""

    def __init__(self) -> None:
        super().__init__("sqs")
        self.messages: dict[str, dict[str, _Message]] = {QUEUE: {}, LONG_QUEUE: {}, DLQ: {}}
        self.kept: set[str] = set()
        """Messages that the queue does not delete."""
        self.sent: list[Payload] = []
        """What was sent, in order."""
        self.refuses_body: Callable[[str], bool] = lambda _body: False
        """Whether SendMessageBatch fails for a message."""
        self.moves: list[Payload] = []
        """What ListMessageMoveTasks answers after StartMessageMoveTask, call after call; the last
        stays."""
        self.old_moves: list[Payload] = []
        """What it answers before."""
        self.started: list[Payload] = []
        """What StartMessageMoveTask got."""
        self.cancelled: list[str] = []
        """Task handles."""
        self.holds: list[int] = []
        """The visibility timeouts of received messages, in seconds."""
        self._ids = count(1)

    def put(self, url: str, *bodies: str) -> list[str]:
        ids = [f"message-{next(self._ids)}" for _ in bodies]
        self.messages[url] |= dict(zip(ids, map(_Message, bodies), strict=True))
        return ids

    def bury(self, body: str, *, source: str | None = QUEUE, **entry: object) -> str:
        """A message that SQS moved to the DLQ; None where it was sent to the DLQ directly.

        :param source: the URL of the queue that it came from
        :param entry: what it was sent with, as in SendMessageBatch
        """
        [message_id] = self.put(DLQ, body)
        self.messages[DLQ][message_id] = _Message(body, source, entry)
        return message_id

    def get_queue_url(self, payload: Payload) -> Payload:
        for url in self.messages:
            if url.endswith(f"/{payload['QueueOwnerAWSAccountId']}/{payload['QueueName']}"):
                return {"QueueUrl": url}
        raise ServiceError("QueueDoesNotExist")

    def receive_message(self, payload: Payload) -> Payload:
        names = payload["MessageSystemAttributeNames"]
        self.holds.append(payload["VisibilityTimeout"])
        visible = [(i, m) for i, m in self.messages[payload["QueueUrl"]].items() if m.visible]
        received = visible[: payload["MaxNumberOfMessages"]]
        for _, message in received:
            message.visible = False
        return {
            "Messages": [
                {
                    "MessageId": message_id,
                    "ReceiptHandle": message_id,
                    "Body": message.body,
                    "Attributes": {
                        name: value
                        for name, value in _system_attributes(message_id, message).items()
                        if name in names
                    },
                    "MessageAttributes": message.entry.get("MessageAttributes", {}),
                }
                for message_id, message in received
            ]
        }

    def send_message_batch(self, payload: Payload) -> Payload:
        entries = payload["Entries"]
        if len(entries) > 10:
            raise ServiceError("TooManyEntriesInBatchRequest")
        if sum(len(entry["MessageBody"]) for entry in entries) > BATCH_BYTES:
            raise ServiceError("BatchRequestTooLong")
        refused = [entry for entry in entries if self.refuses_body(entry["MessageBody"])]
        taken = [entry for entry in entries if entry not in refused]
        ids = self.put(payload["QueueUrl"], *(entry["MessageBody"] for entry in taken))
        self.sent += taken
        return {
            # in no order
            "Successful": [
                {"Id": entry["Id"], "MessageId": message_id, "MD5OfMessageBody": ""}
                for entry, message_id in zip(taken, ids, strict=True)
            ][::-1],
            "Failed": [
                {"Id": entry["Id"], "Code": "InternalError", "SenderFault": False}
                for entry in refused
            ],
        }

    def delete_message_batch(self, payload: Payload) -> Payload:
        entries = payload["Entries"]
        if not entries:
            raise ServiceError("EmptyBatchRequest")
        failed = [entry for entry in entries if entry["ReceiptHandle"] in self.kept]
        for entry in entries:
            if entry not in failed:
                del self.messages[payload["QueueUrl"]][entry["ReceiptHandle"]]
        return {
            "Successful": [{"Id": entry["Id"]} for entry in entries if entry not in failed],
            "Failed": [
                {"Id": entry["Id"], "Code": "ReceiptHandleIsInvalid", "SenderFault": True}
                for entry in failed
            ],
        }

    def change_message_visibility_batch(self, payload: Payload) -> Payload:
        for entry in payload["Entries"]:
            if message := self.messages[payload["QueueUrl"]].get(entry["ReceiptHandle"]):
                message.visible = entry["VisibilityTimeout"] == 0
        return {"Successful": [], "Failed": []}

    def get_queue_attributes(self, payload: Payload) -> Payload:
        messages = self.messages[payload["QueueUrl"]].values()
        waiting = sum(message.visible for message in messages)
        return {
            "Attributes": {
                "QueueArn": "arn:aws:sqs:us-east-1:123456789012:dlq",
                "VisibilityTimeout": "900",
                "ApproximateNumberOfMessages": str(waiting),
                "ApproximateNumberOfMessagesNotVisible": str(len(messages) - waiting),
                "ApproximateNumberOfMessagesDelayed": "0",
            }
        }

    def purge_queue(self, payload: Payload) -> Payload:
        self.messages[payload["QueueUrl"]].clear()
        return {}

    def start_message_move_task(self, payload: Payload) -> Payload:
        self.started.append(payload)
        return {"TaskHandle": f"task {len(self.started)}"}

    def list_message_move_tasks(self, _payload: Payload) -> Payload:
        if not self.started:
            return {"Results": self.old_moves}
        now = self.moves.pop(0) if len(self.moves) > 1 else self.moves[0]
        task = {"StartedTimestamp": len(self.started), **now}
        return {"Results": [task] if now else self.old_moves}

    def cancel_message_move_task(self, payload: Payload) -> Payload:
        self.cancelled.append(payload["TaskHandle"])
        return {"ApproximateNumberOfMessagesMoved": 0}


def _system_attributes(message_id: str, message: _Message) -> dict[str, str]:
    # in LocalStack and AWS only what the message has
    attributes = {"SentTimestamp": message_id.rpartition("-")[2] + "000"}
    if message.source:
        account, _, name = message.source.removeprefix("https://").partition("/")[2].partition("/")
        attributes["DeadLetterQueueSourceArn"] = f"arn:aws:sqs:us-east-1:{account}:{name}"
    if group := message.entry.get("MessageGroupId"):
        attributes["MessageGroupId"] = group
    if trace := message.entry.get("MessageSystemAttributes", {}).get("AWSTraceHeader"):
        attributes["AWSTraceHeader"] = trace["StringValue"]
    return attributes


class InMemoryTable(InMemoryService):
    def __init__(self) -> None:
        super().__init__("dynamodb")
        self.items: dict[LogKey, Payload] = {}
        self.misfiled: list[Payload] = []
        """Items that a query returns, whoever's they are."""
        self.throttled = 0
        """How many calls of BatchWriteItem leave their last item over."""

    def put(self, tenant_id: str, log_id: str, **changes: str) -> None:
        """A record as the worker writes it."""
        values = {
            "tenant_id": tenant_id,
            "log_id": log_id,
            "source": "json_upload",
            "original_text": "call 555-0199",
            "modified_data": "call [REDACTED]",
            "received_at": "2026-11-28T00:00:00.000000Z",
            "processed_at": "2026-11-28T00:00:01.000000Z",
            "request_id": "request",
            "worker_id": "worker",
        } | changes
        item: Payload = {name: {"S": value} for name, value in values.items()}
        self.items[tenant_id, log_id] = item | {"attempt": {"N": "1"}}

    def query(self, payload: Payload) -> Payload:
        tenant_id = payload["ExpressionAttributeValues"][":tenant_id"]["S"]
        mine = [item for (tenant, _), item in sorted(self.items.items()) if tenant == tenant_id]
        return self._page(payload, mine + self.misfiled)

    def scan(self, payload: Payload) -> Payload:
        return self._page(payload, [item for _, item in sorted(self.items.items())])

    def _page(self, payload: Payload, items: list[Payload]) -> Payload:
        start = int(payload.get("ExclusiveStartKey", {}).get("number", {"N": "0"})["N"])
        end = start + _PAGE
        more = {"LastEvaluatedKey": {"number": {"N": str(end)}}} if end < len(items) else {}
        return {"Items": items[start:end], **more}

    def get_item(self, payload: Payload) -> Payload:
        item = self.items.get(_key(payload["Key"]))
        return {"Item": item} if item else {}

    def batch_write_item(self, payload: Payload) -> Payload:
        [(table, requests)] = payload["RequestItems"].items()
        if len(requests) > 25:
            raise ServiceError("ValidationException")
        left = requests[-1:] if self.throttled > 0 else []
        self.throttled -= 1
        for request in requests:
            if request not in left:
                del self.items[_key(request["DeleteRequest"]["Key"])]
        return {"UnprocessedItems": {table: left} if left else {}}

    def describe_table(self, _payload: Payload) -> Payload:
        return {"Table": {"ItemCount": len(self.items), "TableStatus": "ACTIVE"}}


def _key(key: Payload) -> LogKey:
    return key["tenant_id"]["S"], key["log_id"]["S"]


class InMemoryLogGroups(InMemoryService):
    """FilterLogEvents without its filter, as LocalStack has it."""

    def __init__(self) -> None:
        super().__init__("logs")
        self.groups: dict[str, list[Payload]] = {}
        self._ids = count(1)

    def write(self, part: Part, line: object, *, at: float) -> None:
        """A line as JSON, or as it is.

        :param at: seconds since the epoch
        """
        group = {
            Part.API: "/aws/lambda/api",
            Part.WORKER: "/aws/lambda/worker",
            Part.ACCESS: "/aws/vendedlogs/apigateway/api",
        }[part]
        message = line if isinstance(line, str) else json.dumps(line)
        event = {"eventId": f"{next(self._ids)}", "timestamp": int(at * 1000), "message": message}
        self.groups.setdefault(group, []).append(event)

    def filter_log_events(self, payload: Payload) -> Payload:
        if payload["startTime"] < 0:
            raise ServiceError("InvalidParameterException")
        events = [
            event
            for event in self.groups.get(payload["logGroupName"], [])
            if payload["startTime"] <= event["timestamp"] <= payload.get("endTime", math.inf)
        ]
        start = int(payload.get("nextToken", 0))
        more = {"nextToken": str(start + _PAGE)} if start + _PAGE < len(events) else {}
        return {"events": events[start : start + _PAGE], **more}


class InMemoryFunctions(InMemoryService):
    """The functions and the mappings, whose changes take a while: one look at each."""

    def __init__(self) -> None:
        super().__init__("lambda")
        self.mappings = dict(ENABLED)
        self.concurrency = {"queue": 100, "long-queue": 20}
        self.batching = {
            queue: {"BatchSize": 50, "MaximumBatchingWindowInSeconds": 5} for queue in ENABLED
        }
        self.configuration: Payload = {
            "State": "Active",
            "Runtime": "python3.11",
            "LastUpdateStatus": "Successful",
            "Timeout": 870,
            "MemorySize": 256,
            "Environment": {"Variables": {"FAULT_INJECTION": "true"}},
        }

    def list_event_source_mappings(self, _payload: Payload) -> Payload:
        return {
            "EventSourceMappings": [
                {
                    "UUID": queue.rjust(36, "-"),
                    "EventSourceArn": f"arn:aws:sqs:us-east-1:123456789012:{queue}",
                    "State": state,
                    **self.batching.get(queue, {}),
                    "ScalingConfig": {"MaximumConcurrency": self.concurrency.get(queue, 100)},
                }
                for queue, state in self.mappings.items()
            ]
        }

    def answer(self, **sending: Any) -> Any:
        self._path = str(sending["request"].url)
        return super().answer(**sending)

    def _queue(self) -> str:
        """Of the mapping that the request is about, whose id is part of the path."""
        return self._path.rpartition("/")[2].strip("-")

    def get_event_source_mapping(self, _payload: Payload) -> Payload:
        queue = self._queue()
        state = self.mappings[queue]
        self.mappings[queue] = {"Disabling": "Disabled", "Enabling": "Enabled"}.get(state, state)
        return {"State": state}

    def update_event_source_mapping(self, payload: Payload) -> Payload:
        queue = self._queue()
        if self.mappings[queue] not in ("Enabled", "Disabled"):
            raise ServiceError("ResourceInUseException", status=400)
        if "Enabled" in payload:
            self.mappings[queue] = "Enabling" if payload["Enabled"] else "Disabling"
        batching = self.batching[queue]
        batching |= {name: payload[name] for name in batching if name in payload}
        if "ScalingConfig" in payload:
            self.concurrency[queue] = payload["ScalingConfig"]["MaximumConcurrency"]
        return {"State": self.mappings[queue]}

    def get_function_configuration(self, _payload: Payload) -> Payload:
        return self.configuration

    def get_function(self, _payload: Payload) -> Payload:
        return {"Configuration": self.configuration}

    def update_function_configuration(self, payload: Payload) -> Payload:
        self.configuration |= payload
        return self.configuration


@dataclass
class Cloud:
    sqs: InMemoryQueues = field(default_factory=InMemoryQueues)
    dynamodb: InMemoryTable = field(default_factory=InMemoryTable)
    functions: InMemoryFunctions = field(default_factory=InMemoryFunctions)
    logs: InMemoryLogGroups = field(default_factory=InMemoryLogGroups)
    outputs: Outputs = OUTPUTS
    target: Target = Target.LOCAL
    endpoint: str | None = None

    @contextmanager
    def attached(self) -> Iterator["Cloud"]:
        """Inside the context the clients of its stack talk to these services."""
        with ExitStack() as services:
            for service in (self.sqs, self.dynamodb, self.functions, self.logs):
                services.enter_context(service.attached())
            yield self

    @property
    def deployment(self) -> Deployment:
        clients = Clients(
            sqs=self.sqs.client,
            dynamodb=self.dynamodb.client,
            functions=self.functions.client,
            logs=self.logs.client,
        )
        return Deployment(self.target, self.endpoint, self.outputs, clients)

    @property
    def stack(self) -> Stack:
        return Stack(self.deployment)
