"""The queue of an event source mapping, without a trip through LocalStack's gateway."""

from itertools import batched
from typing import Any

from localstack.utils.aws.arns import parse_arn

from ..services import sqs_context, sqs_provider

# What one call of SQS receives or deletes at most.
CALL_MESSAGES = 10

Message = dict[str, Any]


class SourceQueue:
    def __init__(self, arn: str) -> None:
        queue = parse_arn(arn)
        self._context = sqs_context(queue["account"], queue["region"])
        # the provider reads account and name from it
        self._url = f"http://localhost/{queue['account']}/{queue['resource']}"

    def receive(self, most: int, wait_seconds: float) -> list[Message]:
        """Receive as one call does: what is there, or the first message to come."""
        response = sqs_provider().receive_message(
            self._context,
            self._url,
            message_attribute_names=["All"],
            message_system_attribute_names=["All"],
            max_number_of_messages=min(most, CALL_MESSAGES),
            wait_time_seconds=wait_seconds,
        )
        return response["Messages"] or []

    def delete(self, receipt_handles: list[str]) -> None:
        for handles in batched(receipt_handles, CALL_MESSAGES, strict=False):
            entries = [
                {"Id": str(number), "ReceiptHandle": handle}
                for number, handle in enumerate(handles)
            ]
            sqs_provider().delete_message_batch(self._context, self._url, entries)

    def visible_messages(self) -> int:
        return self._attribute("ApproximateNumberOfMessages")

    def visibility_timeout(self) -> int:
        """In seconds."""
        return self._attribute("VisibilityTimeout")

    def _attribute(self, name: str) -> int:
        answer = sqs_provider().get_queue_attributes(self._context, self._url, [name])
        return int(answer["Attributes"][name])
