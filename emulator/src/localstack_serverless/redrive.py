"""A redriven message starts anew.

https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-configure-dead-letter-queue-redrive.html
takes redriven messages for new ones. Stock LocalStack lets the receive count that a consumer sees
go on from where the dead-letter queue left it.
"""

from typing import Any

from localstack.services.sqs.models import StandardQueue
from localstack.utils.patch import patch


def apply_patches() -> None:
    @patch(StandardQueue.put)
    def put(put_message: Any, self: StandardQueue, message: Any, *args: Any, **kwargs: Any) -> Any:
        attributes = message.get("Attributes") or {}
        if attributes.get("DeadLetterQueueSourceArn") == self.arn:
            del attributes["DeadLetterQueueSourceArn"]
            attributes.pop("ApproximateReceiveCount", None)
            attributes.pop("ApproximateFirstReceiveTimestamp", None)
        return put_message(self, message, *args, **kwargs)
