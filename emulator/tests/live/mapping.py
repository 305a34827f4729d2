"""Fixtures and helpers around SQS event source mappings."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from typing import Any

import pytest

from .deploying import Clients, Function, wait_until

QueueOf = Callable[..., tuple[str, str]]
Connect = Callable[..., str]


@pytest.fixture
def connect(clients: Clients) -> Iterator[Connect]:
    """connect(queue ARN, function, **settings): the mapping's id, once it is enabled."""
    with ExitStack() as cleanup:

        def create(queue_arn: str, function: Function, **settings: Any) -> str:
            mapping = clients.lambda_.create_event_source_mapping(
                EventSourceArn=queue_arn, FunctionName=function.name, **settings
            )
            cleanup.callback(delete_mapping, clients, mapping["UUID"])
            wait_for_state(clients, mapping["UUID"], "Enabled")
            return str(mapping["UUID"])

        yield create


def delete_mapping(clients: Clients, mapping: str) -> None:
    with suppress(clients.lambda_.exceptions.ResourceNotFoundException):
        clients.lambda_.delete_event_source_mapping(UUID=mapping)


def wait_for_state(clients: Clients, mapping: str, state: str) -> None:
    wait_until(lambda: clients.lambda_.get_event_source_mapping(UUID=mapping)["State"] == state, 30)


def receive(
    clients: Clients, url: str, count: int, seconds: float = 20, **options: Any
) -> list[dict[str, Any]]:
    """Receive until there are `count` messages; they stay in the queue, invisible."""
    received: list[dict[str, Any]] = []

    def probe() -> bool:
        answer = clients.sqs.receive_message(
            QueueUrl=url, MaxNumberOfMessages=10, WaitTimeSeconds=1, **options
        )
        received.extend(answer.get("Messages", []))
        return len(received) >= count

    wait_until(probe, seconds)
    return received


def bodies(clients: Clients, url: str, count: int, seconds: float = 20) -> list[str]:
    return [message["Body"] for message in receive(clients, url, count, seconds)]


def messages_in(clients: Clients, url: str) -> int:
    """Visible or not."""
    attributes = clients.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])
    return sum(
        int(attributes["Attributes"][name])
        for name in ("ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible")
    )
