import threading
import time

import pytest

from tests.lambdas.aws import InMemoryQueue, InMemoryTable
from tests.lambdas.builders import SECRET_TEXT, delivery
from tests.lambdas.journal import Journal
from tests.lambdas.worker.runner import BatchRunner
from worker.processing import Job
from worker.store import LONGEST_PUT_SECONDS

# What the worker keeps of an invocation to store and to answer
RESERVES = LONGEST_PUT_SECONDS + 3


def test_messages_of_a_batch_are_processed_at_the_same_time(
    run: BatchRunner, table: InMemoryTable
) -> None:
    names = [f"log-{number}" for number in range(10)]
    started = time.monotonic()

    failed = run(*map(delivery, names), seconds_per_char=0.02)

    assert failed == []
    assert table.log_ids() == set(names)
    one_after_the_other = 10 * 0.02 * len(SECRET_TEXT)
    assert time.monotonic() - started < one_after_the_other


def test_claim_that_fails_is_harmless(
    run: BatchRunner, queue: InMemoryQueue, journal: Journal
) -> None:
    queue.refuses("ChangeMessageVisibilityBatch", "RequestThrottled")

    assert run(delivery()) == []
    assert journal.events() == ["claim failed", "stored"]


def test_message_that_is_not_in_flight_any_more_is_not_stored(
    run: BatchRunner, queue: InMemoryQueue, table: InMemoryTable, journal: Journal
) -> None:
    """It came late: SQS may have moved it to the dead-letter queue, or delivered it again."""
    queue.expired_handles = {"a"}

    assert run(delivery("a"), delivery("b")) == ["a"]
    assert table.log_ids() == {"b"}
    assert journal.line("claim failed")["reason"] == "ReceiptHandleIsInvalid"
    assert journal.line("retried")["reason"].startswith("OutOfTimeError: ")
    assert queue.visibility.keys() == {"b"}


def test_deletion_that_fails_is_harmless(
    run: BatchRunner, queue: InMemoryQueue, journal: Journal
) -> None:
    queue.refuses("DeleteMessageBatch", "RequestThrottled")

    assert run(delivery()) == []
    assert journal.events() == ["delete failed", "stored"]
    assert journal.metrics()["Stored"] == [1]


@pytest.mark.parametrize("body", ["hello", "", "null", "[]", "{}", '{"tenant_id": "acme"}', "🎉"])
def test_malformed_message_fails_at_once_and_alone(
    run: BatchRunner, queue: InMemoryQueue, table: InMemoryTable, journal: Journal, body: str
) -> None:
    assert run(delivery("bad", body=body), delivery("good")) == ["bad"]

    assert table.log_ids() == {"good"}
    assert queue.visibility == {"bad": [0], "good": [30]}
    assert queue.deleted == ["good"]
    line = journal.line("retried")
    assert (line["message_id"], line["attempt"], line["retry_seconds"]) == ("bad", 1, 0)
    assert line["reason"].startswith("InvalidInputError: ")


def test_batch_of_malformed_messages_claims_nothing(run: BatchRunner, queue: InMemoryQueue) -> None:
    assert run(delivery("a", body="x"), delivery("b", body="y")) == ["a", "b"]
    assert queue.calls["ChangeMessageVisibilityBatch"] == 0


def test_message_that_hangs_is_given_up_before_the_invocation_ends(
    run: BatchRunner, queue: InMemoryQueue, table: InMemoryTable, journal: Journal
) -> None:
    failed = run(
        delivery("hangs", kind="hang", seconds=3),
        delivery("good"),
        remaining=RESERVES + 0.5,
    )

    assert failed == ["hangs"]
    assert journal.line("retried")["reason"] == (
        "OutOfTimeError: Not done in time: its claim or the invocation ends"
    )
    assert queue.visibility["hangs"][-1] > 0
    wait_for_threads()
    assert table.log_ids() == {"good"}
    assert queue.deleted == ["good"]


def test_message_that_hangs_is_given_up_once_its_claim_ends(
    run: BatchRunner, table: InMemoryTable
) -> None:
    started = time.monotonic()

    failed = run(
        delivery("hangs", kind="hang", seconds=4),
        claim_margin=LONGEST_PUT_SECONDS + 1,
        remaining=600,
    )

    assert failed == ["hangs"]
    assert time.monotonic() - started < 60
    wait_for_threads()
    assert table.items == []


def test_record_that_is_being_stored_is_not_reported_as_failed(
    run: BatchRunner, queue: InMemoryQueue, table: InMemoryTable
) -> None:
    """Its write began in time, and ends after the moment at which all others are given up."""
    table.answers_after(2.5)

    failed = run(delivery("a"), delivery("hangs", kind="hang", seconds=4), remaining=RESERVES + 0.5)

    assert failed == ["hangs"]
    assert table.log_ids() == {"a"}
    assert queue.deleted == ["a"]
    wait_for_threads()
    assert table.log_ids() == {"a"}


def test_slow_claim_counts_from_before_it_was_requested(
    run: BatchRunner, queue: InMemoryQueue, table: InMemoryTable, journal: Journal
) -> None:
    """SQS may have counted from any moment since then."""
    queue.answers_after(1.2)

    failed = run(delivery(), claim_margin=LONGEST_PUT_SECONDS + 1)

    assert failed == ["a"]
    assert table.items == []
    assert journal.line("retried")["reason"].startswith("OutOfTimeError: ")


@pytest.mark.parametrize(
    ("deliveries", "megabytes"), [(1, 384), (10, 38), (24, 16), (25, 16), (100, 16)]
)
def test_children_share_the_memory_that_the_worker_does_not_need(
    run: BatchRunner, monkeypatch: pytest.MonkeyPatch, deliveries: int, megabytes: int
) -> None:
    limits = []

    def child(_job: Job, *, timeout: float, memory_bytes: int) -> str:
        limits.append((timeout > 0, memory_bytes))
        return "redacted"

    monkeypatch.setattr("worker.task.run_in_child", child)

    run(*(delivery(f"log-{number}", attempt=2) for number in range(deliveries)), memory_mb=512)

    assert limits == [(True, megabytes << 20)] * deliveries


def wait_for_threads() -> None:
    for thread in threading.enumerate():
        if thread.name.startswith("ThreadPoolExecutor"):
            thread.join()


def test_message_that_kills_its_process_fails_alone(
    run: BatchRunner, table: InMemoryTable, journal: Journal
) -> None:
    """The test's own process would not survive the fault outside of a child."""
    failed = run(delivery("kills", attempt=2, kind="kill"), delivery("good", attempt=1))

    assert failed == ["kills"]
    assert table.log_ids() == {"good"}
    reason = journal.line("retried")["reason"]
    assert reason == "CrashError: The record's process was killed by SIGKILL"


def test_second_attempt_isolates_all_messages_of_its_batch(
    run: BatchRunner, table: InMemoryTable
) -> None:
    failed = run(delivery("kills", attempt=1, kind="kill"), delivery("good", attempt=2))

    assert failed == ["kills"]
    assert table.log_ids() == {"good"}
