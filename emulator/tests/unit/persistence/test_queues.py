"""Restored messages are in their queues, in the state that they had."""

import pytest
from localstack.services.lambda_.invocation.models import lambda_stores
from localstack.services.sqs.models import StandardQueue

from localstack_serverless.persistence import queues

from ..builders import sqs_message

GONE = "arn:aws:sqs:us-east-1:000000000000:gone"


def test_restored_messages_are_where_they_were(queue: StandardQueue) -> None:
    waiting, in_flight, delayed = sqs_message("1"), sqs_message("2"), sqs_message("3")
    in_flight.visibility_timeout = 30
    in_flight.set_last_received(1e10)
    in_flight.receipt_handles.add("handle")
    delayed.delay_seconds = 900
    kept = {kept.message_id: kept for kept in (waiting, in_flight, delayed)}
    restored = queues.restore({queue.arn: kept, GONE: {"4": sqs_message("4")}})
    assert restored == {queue.arn: kept}
    assert queue.visible.queue == [waiting]
    assert [*queue.inflight] == [in_flight]
    assert queue.delayed == {delayed}
    assert queue.receipts == {"handle": in_flight}


def test_what_an_event_source_mapping_had_in_flight_is_visible_again(
    queue: StandardQueue, monkeypatch: pytest.MonkeyPatch
) -> None:
    mappings = lambda_stores["000000000000"]["us-east-1"].event_source_mappings
    monkeypatch.setitem(mappings, "mapping", {"EventSourceArn": queue.arn})
    in_flight = sqs_message()
    in_flight.visibility_timeout = 900
    in_flight.set_last_received(1e10)
    in_flight.receipt_handles.add("handle")
    queues.restore({queue.arn: {in_flight.message_id: in_flight}})
    assert queue.visible.queue == [in_flight]
    assert not queue.inflight
    assert queue.receipts == {"handle": in_flight}
