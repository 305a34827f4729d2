"""The queue of an event source mapping, called without LocalStack's gateway."""

import logging
import time
from collections.abc import Callable
from functools import partial
from itertools import batched
from typing import Any

from localstack.utils.aws.arns import parse_arn

from .. import services
from ..faults.injection import ResponseLostError, SimulatedError, pass_call
from ..faults.rules import Call

LOG = logging.getLogger(__name__)

# The most messages that one call of SQS receives or deletes.
CALL_MESSAGES = 10

# As the SDKs retry. Messages that are still not deleted come again after their visibility timeout.
ATTEMPTS = 3
FIRST_PAUSE_SECONDS = 0.5

Message = dict[str, Any]


class SourceQueue:
    def __init__(self, arn: str) -> None:
        queue = parse_arn(arn)
        self._name, self._region = queue["resource"], queue["region"]
        self._context = services.context("sqs", queue["account"], queue["region"])
        # the provider takes only the account and the name from it
        self._url = f"http://localhost/{queue['account']}/{queue['resource']}"

    @property
    def _sqs(self) -> Any:
        return services.provider("sqs")

    def receive(self, most: int, wait_seconds: float) -> list[Message]:
        """What one ReceiveMessage call returns; nothing if all attempts fail."""
        receive = partial(
            self._sqs.receive_message,
            self._context,
            self._url,
            message_attribute_names=["All"],
            message_system_attribute_names=["All"],
            max_number_of_messages=min(most, CALL_MESSAGES),
            wait_time_seconds=wait_seconds,
        )
        response = self._try("ReceiveMessage", receive)
        return (response and response["Messages"]) or []

    def delete(self, receipt_handles: list[str]) -> None:
        for handles in batched(receipt_handles, CALL_MESSAGES, strict=False):
            entries = [
                {"Id": str(number), "ReceiptHandle": handle}
                for number, handle in enumerate(handles)
            ]
            delete = partial(self._sqs.delete_message_batch, self._context, self._url, entries)
            self._try("DeleteMessageBatch", delete)

    def _try(self, operation: str, perform: Callable[[], Any]) -> Any:
        """The call's response; None if a fault makes all attempts fail."""
        call = Call("sqs", operation, self._region, self._name)
        for attempt in range(ATTEMPTS):
            try:
                return pass_call(call, perform)
            except (SimulatedError, ResponseLostError) as error:
                LOG.info("%s of %s failed: %s", operation, self._name, error)
                time.sleep(FIRST_PAUSE_SECONDS * 2**attempt)
        return None

    def visible_messages(self) -> int:
        return self._attribute("ApproximateNumberOfMessages")

    def visibility_timeout(self) -> int:
        """In seconds."""
        return self._attribute("VisibilityTimeout")

    def _attribute(self, name: str) -> int:
        answer = self._sqs.get_queue_attributes(self._context, self._url, [name])
        return int(answer["Attributes"][name])
