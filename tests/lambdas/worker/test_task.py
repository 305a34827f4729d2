from datetime import datetime

import pytest

from tests.lambdas.aws import InMemoryQueue, InMemoryTable
from tests.lambdas.builders import MESSAGE, delivery
from tests.lambdas.journal import Journal
from tests.lambdas.worker.runner import WORKER_ID, BatchRunner
from worker.store import LONGEST_PUT_SECONDS


def test_log_is_redacted_stored_and_its_message_deleted(
    run: BatchRunner, queue: InMemoryQueue, table: InMemoryTable, journal: Journal
) -> None:
    assert run(delivery(attempt=1)) == []

    [item] = table.items
    assert item["original_text"] == {"S": "secret 555-0199"}
    assert item["modified_data"] == {"S": "secret [REDACTED]"}
    assert item["worker_id"] == {"S": WORKER_ID}
    assert item["attempt"] == {"N": "1"}
    assert item["received_at"]["S"] < item["processed_at"]["S"]
    assert queue.deleted == ["a"]
    line = journal.line("stored")
    assert (line["tenant_id"], line["log_id"], line["message_id"]) == ("acme", "a", "a")
    assert (line["request_id"], line["attempt"]) == (MESSAGE.request_id, 1)
    metrics = journal.metrics()
    assert metrics["Stored"] == [1]
    assert metrics["ProcessingSeconds"] == pytest.approx([0], abs=10)
    assert metrics["EndToEndSeconds"] == line["EndToEndSeconds"]


def test_message_is_claimed_for_its_expected_time_and_a_margin(
    run: BatchRunner, queue: InMemoryQueue
) -> None:
    run(delivery("a"), delivery("b"), seconds_per_char=0.001)

    assert queue.visibility == {"a": [31], "b": [31]}
    assert queue.calls["ChangeMessageVisibilityBatch"] == 1


def test_no_claim_exceeds_the_queues_visibility_timeout(
    run: BatchRunner, queue: InMemoryQueue
) -> None:
    run(delivery(), seconds_per_char=100)

    assert queue.visibility["a"][0] == 900


def test_log_that_outlasts_its_claim_is_not_stored_and_its_message_not_touched(
    run: BatchRunner,
    queue: InMemoryQueue,
    table: InMemoryTable,
    journal: Journal,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """SQS may have delivered the message to another worker by then."""
    monkeypatch.setattr("worker.task.LONGEST_PUT_SECONDS", 0)
    hanging = delivery("a", kind="hang", seconds=1.1)

    assert run(hanging, claim_margin=1) == ["a"]

    assert table.items == []
    assert queue.visibility == {"a": [1]}
    line = journal.line("retried")
    assert (line["retry_seconds"], line["kind"]) == (0, "transient")


def test_log_is_not_stored_when_its_claim_could_end_meanwhile(
    run: BatchRunner, queue: InMemoryQueue, table: InMemoryTable, journal: Journal
) -> None:
    hanging = delivery("a", kind="hang", seconds=0.5)

    assert run(hanging, claim_margin=LONGEST_PUT_SECONDS) == ["a"]

    assert table.items == []
    # the claim still holds, so the message can be released
    claim, release = queue.visibility["a"]
    assert claim == LONGEST_PUT_SECONDS
    assert release == journal.line("retried")["retry_seconds"] > 0


def test_message_that_does_not_fit_in_the_invocation_is_not_started(
    run: BatchRunner, table: InMemoryTable, journal: Journal
) -> None:
    failed = run(delivery(), seconds_per_char=10, remaining=60)

    assert failed == ["a"]
    assert table.items == []
    reason = journal.line("retried")["reason"]
    assert reason.startswith(
        "OutOfTimeError: The record needs 150.0 s, and its claim and the invocation leave 4"
    )


def test_message_that_hangs_in_a_child_is_killed_in_time(
    run: BatchRunner, journal: Journal
) -> None:
    hanging = delivery("hangs", attempt=2, kind="hang", seconds=60)

    assert run(hanging, remaining=LONGEST_PUT_SECONDS + 3.2) == ["hangs"]

    assert "was killed after 0.2 s" in journal.line("retried")["reason"]


@pytest.mark.parametrize("attempt", [1, 2])
def test_original_text_may_stay_out_of_the_table(
    run: BatchRunner, table: InMemoryTable, attempt: int
) -> None:
    assert run(delivery(attempt=attempt), store_original_text=False) == []

    [item] = table.items
    assert item["modified_data"] == {"S": "secret [REDACTED]"}
    assert "original_text" not in item
    assert "555-0199" not in str(item)


def test_record_expires_a_number_of_days_after_it_was_stored(
    run: BatchRunner, table: InMemoryTable
) -> None:
    assert run(delivery(), record_retention_days=30) == []

    [item] = table.items
    stored_at = datetime.fromisoformat(item["processed_at"]["S"]).timestamp()
    assert item["expires_at"] == {"N": str(int(stored_at) + 30 * 86_400)}


def test_record_without_a_retention_never_expires(run: BatchRunner, table: InMemoryTable) -> None:
    assert run(delivery()) == []
    assert "expires_at" not in table.items[0]
