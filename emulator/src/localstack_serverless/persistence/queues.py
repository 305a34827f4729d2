"""Puts kept messages back into their queues."""

from collections.abc import Iterable, Iterator

from localstack.services.lambda_.invocation.models import lambda_stores
from localstack.services.sqs.models import FifoQueue, SqsMessage, SqsQueue, sqs_stores

# by message id
Messages = dict[str, SqsMessage]


def all_queues() -> Iterator[SqsQueue]:
    for _, _, store in sqs_stores.iter_stores():
        yield from list(store.queues.values())


def restore(messages: dict[str, Messages]) -> dict[str, Messages]:
    """Put the messages, given by queue ARN, into their queues; return those whose queue exists."""
    restored = {}
    sources = _event_sources()
    for queue in all_queues():
        if queue.arn in messages:
            restored[queue.arn] = messages[queue.arn]
            if queue.arn in sources:
                _release(messages[queue.arn].values())
            _fill(queue, messages[queue.arn].values())
    return restored


def _event_sources() -> set[str]:
    """The ARNs of the queues that event source mappings read from."""
    return {
        mapping["EventSourceArn"]
        for _, _, store in lambda_stores.iter_stores()
        for mapping in store.event_source_mappings.values()
    }


def _release(messages: Iterable[SqsMessage]) -> None:
    """Make messages in flight visible: the invocations that had received them ended with
    LocalStack, so nothing would use the rest of their visibility timeout."""
    for message in messages:
        message.visibility_deadline = None


def _fill(queue: SqsQueue, messages: Iterable[SqsMessage]) -> None:
    waiting = []
    for message in messages:
        queue.receipts.update(dict.fromkeys(message.receipt_handles, message))
        if not message.is_visible:
            queue.add_inflight_message(message)
        elif message.is_delayed:
            queue.delayed.add(message)
        else:
            waiting.append(message)
    if isinstance(queue, FifoQueue):
        _restore_groups(queue, messages)
    for message in waiting:
        queue._put_message(message)


def _restore_groups(queue: FifoQueue, messages: Iterable[SqsMessage]) -> None:
    """A message in flight blocks its group, and a message in the queue its duplicates."""
    for message in queue.inflight:
        queue.inflight_groups.add(queue.get_message_group(message.message_group_id))
    for message in messages:
        queue.deduplication[message.message_deduplication_id] = message
