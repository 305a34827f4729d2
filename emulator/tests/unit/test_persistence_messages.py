"""What the journal of messages says is what the queues hold, whichever thread writes first."""

import pickle
from collections.abc import Iterator
from pathlib import Path

import pytest
from localstack.services.lambda_.invocation.models import lambda_stores
from localstack.services.sqs.models import SqsMessage, StandardQueue, sqs_stores

from localstack_serverless.chaos.deliveries import MessageCopy
from localstack_serverless.persistence import messages, pickling
from localstack_serverless.persistence.messages import MessageJournal

QUEUE = "arn:aws:sqs:us-east-1:000000000000:queue"
DLQ = "arn:aws:sqs:us-east-1:000000000000:dlq"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "messages.journal"


@pytest.fixture
def journal(path: Path) -> Iterator[MessageJournal]:
    journal = MessageJournal(path, {})
    yield journal
    journal.close()


@pytest.fixture
def queue() -> Iterator[StandardQueue]:
    store = sqs_stores["000000000000"]["us-east-1"]
    store.queues["queue"] = StandardQueue("queue", "us-east-1", "000000000000")
    yield store.queues["queue"]
    del store.queues["queue"]


def message(message_id: str = "id", body: str = "body") -> SqsMessage:
    return SqsMessage(1.0, {"MessageId": message_id, "Body": body})


def bodies(path: Path) -> dict[str, list[str]]:
    return {
        queue_arn: [message.message["Body"] for message in kept.values()]
        for queue_arn, kept in messages.read(path).items()
        if kept
    }


def test_message_is_kept_with_its_present_state(path: Path, journal: MessageJournal) -> None:
    kept = message()
    kept.visibility_timeout = 30
    journal.add(QUEUE, kept)
    kept.receive_count = 2
    kept.receipt_handles.add("handle")
    kept.set_last_received(1e10)
    kept.increment_approximate_receive_count()
    journal.update(QUEUE, [kept])
    read = messages.read(path)[QUEUE]["id"]
    assert vars(read) == vars(kept)
    assert not read.is_visible


def test_message_received_before_it_was_written_down_counts_as_received(
    path: Path, journal: MessageJournal
) -> None:
    kept = message()
    kept.receive_count = 1
    journal.update(QUEUE, [kept])
    journal.add(QUEUE, kept)
    assert messages.read(path)[QUEUE]["id"].receive_count == 1


def test_message_deleted_before_it_was_written_down_stays_away(
    path: Path, journal: MessageJournal
) -> None:
    deleted = message()
    deleted.deleted = True
    journal.update(QUEUE, [deleted])
    journal.add(QUEUE, deleted)
    assert bodies(path) == {}


def test_deleting_the_copy_of_a_message_leaves_the_message(
    path: Path, journal: MessageJournal
) -> None:
    kept = message()
    journal.add(QUEUE, kept)
    copy = MessageCopy.of(kept, 0)
    copy.deleted = True
    journal.update(QUEUE, [copy])
    assert bodies(path) == {QUEUE: ["body"]}


def test_deleted_message_is_gone(path: Path, journal: MessageJournal) -> None:
    deleted, kept = message("1", "deleted"), message("2", "kept")
    for added in (deleted, kept):
        journal.add(QUEUE, added)
    deleted.deleted = True
    journal.update(QUEUE, [deleted])
    assert bodies(path) == {QUEUE: ["kept"]}


def test_cleared_queue_is_empty_and_can_be_filled_again(
    path: Path, journal: MessageJournal
) -> None:
    journal.add(QUEUE, message("1", "purged"))
    journal.clear(QUEUE)
    journal.add(QUEUE, message("2", "new"))
    assert bodies(path) == {QUEUE: ["new"]}


def test_moved_message_is_in_one_queue(path: Path, journal: MessageJournal) -> None:
    journal.add(QUEUE, message())
    journal.add(DLQ, message(), moved_from=QUEUE)
    assert bodies(path) == {DLQ: ["body"]}


def test_stale_receipt_of_a_moved_message_does_not_bring_it_back(
    path: Path, journal: MessageJournal
) -> None:
    moved = message()
    journal.add(QUEUE, moved)
    journal.add(DLQ, message(), moved_from=QUEUE)
    journal.update(QUEUE, [moved])
    assert bodies(path) == {DLQ: ["body"]}


def test_compaction_keeps_what_queues_hold(
    path: Path,
    journal: MessageJournal,
    queue: StandardQueue,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(messages, "COMPACT_BYTES", 0)
    kept = message()
    journal.add(queue.arn, kept)
    journal.add(DLQ, message("2", "of a deleted queue"))
    for _ in range(20):
        journal.update(queue.arn, [kept])
    size = path.stat().st_size
    journal.compact()
    assert path.stat().st_size < size / 4
    assert bodies(path) == {queue.arn: ["body"]}
    journal.add(queue.arn, message("3", "later"))
    assert bodies(path) == {queue.arn: ["body", "later"]}


def test_restored_messages_are_where_they_were(queue: StandardQueue) -> None:
    waiting, in_flight, delayed = message("1"), message("2"), message("3")
    in_flight.visibility_timeout = 30
    in_flight.set_last_received(1e10)
    in_flight.receipt_handles.add("handle")
    delayed.delay_seconds = 900
    kept = {kept.message_id: kept for kept in (waiting, in_flight, delayed)}
    restored = messages.restore({queue.arn: kept, DLQ: {"4": message("4")}})
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
    in_flight = message()
    in_flight.visibility_timeout = 900
    in_flight.set_last_received(1e10)
    in_flight.receipt_handles.add("handle")
    messages.restore({queue.arn: {in_flight.message_id: in_flight}})
    assert queue.visible.queue == [in_flight]
    assert not queue.inflight
    assert queue.receipts == {"handle": in_flight}


def test_snapshot_of_a_queue_has_its_settings_and_no_message(queue: StandardQueue) -> None:
    queue.attributes["VisibilityTimeout"] = "77"
    queue.put({"MessageId": "id", "Body": "body"})
    with queue.mutex:
        content = pickling.dumps(queue)
    restored = pickle.loads(content)
    assert restored.visibility_timeout == 77
    assert restored.approximate_number_of_messages == 0
    assert restored.mutex.acquire(blocking=False)
