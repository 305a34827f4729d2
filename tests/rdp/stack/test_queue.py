"""The queues: messages sent without the API, in batches, and how many there are."""

import json

import pytest

from rdp.stack import Envelope, Fault, QueueMessage, StackError
from rdp.waiting import DeadlineExceededError
from tests.rdp.cloud import LONG_QUEUE, QUEUE, Cloud


def _envelopes(count: int) -> list[Envelope]:
    return [Envelope.of(QueueMessage("acme", f"log-{number}", "x")) for number in range(count)]


def test_ids_come_in_the_order_of_the_messages(cloud: Cloud) -> None:
    ids = cloud.stack.queues.short.send(*_envelopes(23))

    bodies = [json.loads(cloud.sqs.messages[QUEUE][i].body) for i in ids]
    assert [body["log_id"] for body in bodies] == [f"log-{number}" for number in range(23)]
    assert cloud.sqs.calls["SendMessageBatch"] == 3


def test_fault_and_group_go_with_the_message(cloud: Cloud) -> None:
    message = QueueMessage("acme", "log", "x")

    cloud.stack.queues.short.send(Envelope.of(message, Fault("kill", attempts=1)))

    [sent] = cloud.sqs.sent
    assert sent["MessageGroupId"] == "acme"
    fault = sent["MessageAttributes"]["Fault"]["StringValue"]
    assert json.loads(fault) == {"kind": "kill", "attempts": 1}


def test_message_that_sqs_refuses_is_an_error(cloud: Cloud) -> None:
    first, *others = _envelopes(3)
    cloud.sqs.refuses_body = lambda body: body == first.body

    with pytest.raises(StackError, match="InternalError"):
        cloud.stack.queues.short.send(first, *others)


def test_queue_that_stays_full_is_given_up(cloud: Cloud) -> None:
    cloud.stack.queues.wait_until_empty(deadline=0)
    cloud.sqs.put(QUEUE, "{}")

    with pytest.raises(DeadlineExceededError, match="empty queues; last seen: 1"):
        cloud.stack.queues.wait_until_empty(deadline=0)


def test_both_lanes_count(cloud: Cloud) -> None:
    cloud.sqs.put(QUEUE, "{}", "{}")
    cloud.sqs.put(LONG_QUEUE, "{}")
    next(iter(cloud.sqs.messages[LONG_QUEUE].values())).visible = False

    assert cloud.stack.queues.counts() == (2, 1, 0)
    assert cloud.stack.queues.depth() == 3


def test_purge_empties_both_lanes(cloud: Cloud) -> None:
    cloud.sqs.put(QUEUE, "{}")
    cloud.sqs.put(LONG_QUEUE, "{}")

    cloud.stack.queues.purge()

    assert cloud.sqs.messages[QUEUE] == cloud.sqs.messages[LONG_QUEUE] == {}
