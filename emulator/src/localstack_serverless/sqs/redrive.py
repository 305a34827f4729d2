"""A redriven message counts as new.

https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-configure-dead-letter-queue-redrive.html
documents this. In stock LocalStack the receive count continues from the dead-letter queue's.
"""

from typing import Any

from localstack.services.sqs.models import StandardQueue


def put_as_new(put: Any, queue: StandardQueue, message: Any, *args: Any, **kwargs: Any) -> Any:
    """Wraps StandardQueue.put."""
    attributes = message.get("Attributes") or {}
    if attributes.get("DeadLetterQueueSourceArn") == queue.arn:
        del attributes["DeadLetterQueueSourceArn"]
        attributes.pop("ApproximateReceiveCount", None)
        attributes.pop("ApproximateFirstReceiveTimestamp", None)
    return put(queue, message, *args, **kwargs)
