"""The services that the functions use, in memory."""

import json
from collections.abc import Callable

from tests.aws import InMemoryService, Payload, ServiceError

QUEUE_URL = "https://sqs.us-east-1.amazonaws.com/123456789012/queue"
LONG_QUEUE_URL = "https://sqs.us-east-1.amazonaws.com/123456789012/long-queue"


class InMemoryQueue(InMemoryService):
    """SQS queues: records what was sent, deleted and made visible."""

    def __init__(self) -> None:
        super().__init__("sqs")
        self.sent: list[Payload] = []
        self.deleted: list[str] = []
        self.visibility: dict[str, list[int]] = {}
        """Every visibility timeout that was set, by receipt handle."""
        self.expired_handles: set[str] = set()
        self.waiting: dict[str, int] = {}
        """How many messages wait in each queue, by URL."""
        self.in_flight = 0

    def sent_fields(self) -> dict[str, str]:
        """The fields of the only message that was sent."""
        [message] = self.sent
        fields: dict[str, str] = json.loads(message["MessageBody"])
        return fields

    def send_message(self, payload: Payload) -> Payload:
        self.sent.append(payload)
        return {"MessageId": f"message-{len(self.sent)}", "MD5OfMessageBody": ""}

    def get_queue_attributes(self, payload: Payload) -> Payload:
        counts = {
            "ApproximateNumberOfMessages": self.waiting.get(payload["QueueUrl"], 0),
            "ApproximateNumberOfMessagesNotVisible": self.in_flight,
        }
        return {"Attributes": {name: str(counts[name]) for name in payload["AttributeNames"]}}

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
