import json
import threading
from types import SimpleNamespace
from typing import Any, override

import pytest

from localstack_serverless.event_source import batching
from localstack_serverless.event_source.batching import PAUSE_SECONDS, Batch, Batcher, Record
from localstack_serverless.event_source.queue import Message
from localstack_serverless.execution.limits import MAX_PAYLOAD_BYTES

from ..builders import QueueOf


def message(message_id: str, body: str = "") -> Message:
    return {"messageId": message_id, "receiptHandle": f"handle {message_id}", "body": body}


def accept(messages: list[Message]) -> list[Record]:
    return [Record.of(message) for message in messages if message["body"] != "discarded"]


class RecordsPauses(threading.Event):
    """Returns from `wait` at once, and keeps the seconds."""

    def __init__(self) -> None:
        super().__init__()
        self.pauses: list[float] = []

    @override
    def wait(self, timeout: float | None = None) -> bool:
        assert timeout is not None
        self.pauses.append(timeout)
        return self.is_set()


def batcher(queue: QueueOf, **settings: Any) -> Batcher:
    arguments: dict[str, Any] = {
        "batch_size": 10,
        "window_seconds": 0,
        "stopping": threading.Event(),
        **settings,
    }
    return Batcher(queue, accept, **arguments)


def ids(batch: Batch | None) -> list[str]:
    assert batch
    return [record.message_id for record in batch.records]


def test_payload_is_the_event_that_a_function_gets() -> None:
    batch = Batch()
    batch.add(accept([message("1", "ü"), message("2")]))
    event = json.loads(batch.payload)
    assert [record["messageId"] for record in event["Records"]] == ["1", "2"]
    assert "ü".encode() in batch.payload


def test_binary_attribute_is_base64() -> None:
    record = Record.of({**message("1"), "messageAttributes": {"a": {"binaryValue": b"\x00\xff"}}})
    assert b'"binaryValue": "AP8="' in record.data


def test_empty_queue_gives_no_batch() -> None:
    assert batcher(QueueOf()).next_batch() is None


def test_messages_over_the_payload_limit_go_to_the_next_batch() -> None:
    half = "x" * (MAX_PAYLOAD_BYTES // 2)
    queue = QueueOf(message("1", half), message("2", half), message("3"))
    subject = batcher(queue)
    assert ids(subject.next_batch()) == ["1"]
    assert ids(subject.next_batch()) == ["2", "3"]
    assert subject.next_batch() is None


def test_message_that_is_too_large_is_a_batch_alone() -> None:
    queue = QueueOf(message("1", "x" * MAX_PAYLOAD_BYTES), message("2"))
    subject = batcher(queue)
    assert ids(subject.next_batch()) == ["1"]
    assert ids(subject.next_batch()) == ["2"]


def test_window_gathers_up_to_the_batch_size() -> None:
    queue = QueueOf(*(message(str(number)) for number in range(25)))
    subject = batcher(queue, batch_size=12, window_seconds=60)
    assert len(ids(subject.next_batch())) == 12
    assert len(ids(subject.next_batch())) == 12


def test_stopping_mapping_ends_its_window() -> None:
    stopping = threading.Event()
    stopping.set()
    queue = QueueOf(*(message(str(number)) for number in range(25)))
    subject = batcher(queue, batch_size=12, window_seconds=60, stopping=stopping)
    assert len(ids(subject.next_batch())) == 10


def test_batch_of_discarded_messages_has_no_records() -> None:
    subject = batcher(QueueOf(message("1", "discarded")), window_seconds=60)
    assert ids(subject.next_batch()) == []


def test_pause_after_the_queue_was_emptied_and_not_before(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = SimpleNamespace(monotonic=lambda: 0.0)
    monkeypatch.setattr(batching, "time", clock)
    queue = QueueOf(*(message(str(number)) for number in range(21)))
    stopping = RecordsPauses()
    subject = batcher(queue, stopping=stopping)

    assert [len(ids(subject.next_batch())) for _ in range(3)] == [10, 10, 1]
    assert stopping.pauses == [0, 0, 0]

    queue.messages.append(message("22"))
    assert ids(subject.next_batch()) == ["22"]
    assert stopping.pauses[3] == PAUSE_SECONDS

    clock.monotonic = lambda: PAUSE_SECONDS * 3
    assert subject.next_batch() is None
    assert stopping.pauses[4] == 0
