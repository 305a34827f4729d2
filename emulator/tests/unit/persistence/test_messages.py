"""The journal holds the messages that the queues hold, whichever thread writes first."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from localstack.services.sqs.models import StandardQueue

from localstack_serverless.chaos.deliveries import MessageCopy
from localstack_serverless.persistence import messages
from localstack_serverless.persistence.messages import MessageJournal

from ..builders import sqs_message

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


def bodies(path: Path) -> dict[str, list[str]]:
    return {
        queue_arn: [message.message["Body"] for message in kept.values()]
        for queue_arn, kept in messages.read(path).items()
        if kept
    }


def test_message_is_kept_with_its_present_state(path: Path, journal: MessageJournal) -> None:
    kept = sqs_message()
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
    kept = sqs_message()
    kept.receive_count = 1
    journal.update(QUEUE, [kept])
    journal.add(QUEUE, kept)
    assert messages.read(path)[QUEUE]["id"].receive_count == 1


def test_message_deleted_before_it_was_written_down_stays_away(
    path: Path, journal: MessageJournal
) -> None:
    deleted = sqs_message()
    deleted.deleted = True
    journal.update(QUEUE, [deleted])
    journal.add(QUEUE, deleted)
    assert bodies(path) == {}


def test_deleting_the_copy_of_a_message_leaves_the_message(
    path: Path, journal: MessageJournal
) -> None:
    kept = sqs_message()
    journal.add(QUEUE, kept)
    copy = MessageCopy.of(kept, 0)
    copy.deleted = True
    journal.update(QUEUE, [copy])
    assert bodies(path) == {QUEUE: ["body"]}


def test_deleted_message_is_gone(path: Path, journal: MessageJournal) -> None:
    deleted, kept = sqs_message("1", "deleted"), sqs_message("2", "kept")
    for added in (deleted, kept):
        journal.add(QUEUE, added)
    deleted.deleted = True
    journal.update(QUEUE, [deleted])
    assert bodies(path) == {QUEUE: ["kept"]}


def test_cleared_queue_is_empty_and_can_be_filled_again(
    path: Path, journal: MessageJournal
) -> None:
    journal.add(QUEUE, sqs_message("1", "purged"))
    journal.clear(QUEUE)
    journal.add(QUEUE, sqs_message("2", "new"))
    assert bodies(path) == {QUEUE: ["new"]}


def test_moved_message_is_in_one_queue(path: Path, journal: MessageJournal) -> None:
    journal.add(QUEUE, sqs_message())
    journal.add(DLQ, sqs_message(), moved_from=QUEUE)
    assert bodies(path) == {DLQ: ["body"]}


def test_stale_receipt_of_a_moved_message_does_not_bring_it_back(
    path: Path, journal: MessageJournal
) -> None:
    moved = sqs_message()
    journal.add(QUEUE, moved)
    journal.add(DLQ, sqs_message(), moved_from=QUEUE)
    journal.update(QUEUE, [moved])
    assert bodies(path) == {DLQ: ["body"]}


def test_compaction_keeps_what_queues_hold(
    path: Path,
    journal: MessageJournal,
    queue: StandardQueue,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(messages, "COMPACT_BYTES", 0)
    kept = sqs_message()
    journal.add(queue.arn, kept)
    journal.add(DLQ, sqs_message("2", "of a deleted queue"))
    for _ in range(20):
        journal.update(queue.arn, [kept])
    size = path.stat().st_size
    journal.compact()
    assert path.stat().st_size < size / 4
    assert bodies(path) == {queue.arn: ["body"]}
    journal.add(queue.arn, sqs_message("3", "later"))
    assert bodies(path) == {queue.arn: ["body", "later"]}
