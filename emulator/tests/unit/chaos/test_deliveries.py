from collections.abc import Iterator

import pytest
from localstack import config
from localstack.services.sqs.models import StandardQueue

from localstack_serverless.chaos import deliveries
from localstack_serverless.faults.injection import FAULTS
from localstack_serverless.faults.rules import parse_rules
from localstack_serverless.patching import Wrap

MESSAGE = {"MessageId": "id", "Body": "body"}


@pytest.fixture(autouse=True)
def _patched() -> Iterator[None]:
    wraps = [
        Wrap(StandardQueue, "put", deliveries.put_late, "test"),
        Wrap(StandardQueue, "receive", deliveries.receive_twice, "test"),
        Wrap(StandardQueue, "_put_message", deliveries.drop_spent_copy, "test"),
    ]
    applied = [wrap.apply() for wrap in wraps]
    yield
    for patch in applied:
        patch.undo()
    FAULTS.replace([])


def queue(account_id: str = "000000000000") -> StandardQueue:
    return StandardQueue("jobs", "us-east-1", account_id)


def give(**delivery: object) -> None:
    FAULTS.replace(parse_rules([{"resource": "jobs", "delivery": delivery}]))


def received(subject: StandardQueue) -> list[str]:
    return [message.message_id for message in subject.receive(10).successful]


def test_duplicate_is_delivered_once_more() -> None:
    give(kind="duplicate")
    subject = queue()
    subject.put(dict(MESSAGE))
    assert [received(subject) for _ in range(3)] == [["id"], ["id"], []]


def test_deleting_the_message_leaves_its_duplicate() -> None:
    give(kind="duplicate")
    subject = queue()
    subject.put(dict(MESSAGE))
    [handle] = subject.receive(1).receipt_handles
    subject.remove(handle)
    assert received(subject) == ["id"]


def test_received_duplicate_does_not_become_visible_again() -> None:
    give(kind="duplicate")
    subject = queue()
    subject.put(dict(MESSAGE))
    [original] = subject.receive(1).receipt_handles
    subject.remove(original)
    [copy] = subject.receive(1).receipt_handles
    subject.update_visibility_timeout(copy, 0)
    assert received(subject) == []
    assert copy not in subject.receipts


def test_duplicate_may_come_later() -> None:
    give(kind="duplicate", delaySeconds=900)
    subject = queue()
    subject.put(dict(MESSAGE))
    assert [received(subject) for _ in range(2)] == [["id"], []]
    assert len(subject.delayed) == 1


def test_message_out_of_order_is_delayed_in_addition_to_its_own_delay() -> None:
    give(kind="outOfOrder", delaySeconds=10)
    subject = queue()
    subject.put(dict(MESSAGE), delay_seconds=800)
    [delayed] = subject.delayed
    assert 800 < delayed.delay_seconds <= 810


def test_localstacks_own_queues_have_no_faults() -> None:
    give(kind="duplicate")
    subject = queue(config.INTERNAL_RESOURCE_ACCOUNT)
    subject.put(dict(MESSAGE))
    assert [received(subject) for _ in range(2)] == [["id"], []]
