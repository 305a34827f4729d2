import json
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from pipeline.contract import Message
from pipeline.queue import Queue
from pipeline.settings import WorkerSettings
from tests.lambdas.aws import QUEUE_URL, InMemoryQueue, InMemoryTable
from tests.lambdas.fixtures import Journal
from tests.lambdas.pipeline.test_contract import GOOD
from worker.batch import BatchWorker
from worker.delivery import Delivery
from worker.outcome import Outcomes
from worker.record import Invocation, RecordWorker
from worker.store import Store

SETTINGS = WorkerSettings(
    queue_url=QUEUE_URL,
    table_name="processed-logs",
    seconds_per_char=0,
    visibility_timeout=900,
    claim_margin=30,
    retry_base=4,
    retry_max=300,
    max_receive_count=5,
    fault_injection=True,
)
LAST = 5
TEXT = "secret 555-0199"

Run = Callable[..., list[str]]


def delivery(
    name: str = "a", *, attempt: int = 1, body: str | None = None, **fault: str | float
) -> Delivery:
    """Of a message whose id, receipt and log all have this name."""
    return Delivery(
        message_id=name,
        receipt=name,
        attempt=attempt,
        body=message(name).to_body() if body is None else body,
        fault=json.dumps(fault) if fault else None,
    )


def message(name: str) -> Message:
    return replace(GOOD, log_id=name, text=TEXT)


@pytest.fixture
def run(queue: InMemoryQueue, table: InMemoryTable, journal: Journal) -> Run:
    """Process deliveries as one batch; returns the ids of those that failed."""

    def run(
        *deliveries: Delivery, remaining: Callable[[], float] = lambda: 60, **changes: Any
    ) -> list[str]:
        settings = replace(SETTINGS, **changes)
        client = Queue(queue.client, QUEUE_URL)
        records = RecordWorker(settings, Store(table.client, settings.table_name))
        outcomes = Outcomes(settings, client, journal.telemetry)
        worker = BatchWorker(settings, client, records, outcomes, journal.telemetry)
        return worker.process(list(deliveries), Invocation("worker-1", remaining))

    return run


def stored_logs(table: InMemoryTable) -> set[str]:
    return {item["log_id"]["S"] for item in table.items}


def test_record_is_redacted_stored_and_deleted(
    run: Run, queue: InMemoryQueue, table: InMemoryTable, journal: Journal
) -> None:
    assert run(delivery(attempt=1)) == []

    [item] = table.items
    assert item["original_text"] == {"S": "secret 555-0199"}
    assert item["modified_data"] == {"S": "secret [REDACTED]"}
    assert item["worker_id"] == {"S": "worker-1"}
    assert item["attempt"] == {"N": "1"}
    assert item["received_at"]["S"] < item["processed_at"]["S"]
    assert queue.deleted == ["a"]
    line = journal.line("stored")
    assert (line["tenant_id"], line["log_id"], line["message_id"]) == ("acme", "a", "a")
    assert (line["request_id"], line["attempt"]) == (GOOD.request_id, 1)
    metrics = journal.metrics()
    assert metrics["Stored"] == [1]
    assert metrics["ProcessingSeconds"] == pytest.approx([0], abs=10)
    assert metrics["EndToEndSeconds"] == pytest.approx([line["end_to_end_seconds"]], abs=0.001)


def test_records_of_a_batch_are_processed_side_by_side(run: Run, table: InMemoryTable) -> None:
    names = [f"log-{number}" for number in range(10)]
    started = time.monotonic()

    failed = run(*map(delivery, names), seconds_per_char=0.02)

    assert failed == []
    assert stored_logs(table) == set(names)
    one_after_the_other = 10 * 0.02 * len(TEXT)
    assert time.monotonic() - started < one_after_the_other


def test_message_is_claimed_for_as_long_as_it_needs(run: Run, queue: InMemoryQueue) -> None:
    run(delivery("a"), delivery("b"), seconds_per_char=0.001)

    assert queue.visibility == {"a": [31], "b": [31]}
    assert queue.calls["ChangeMessageVisibilityBatch"] == 1


def test_no_claim_exceeds_the_queues_visibility_timeout(run: Run, queue: InMemoryQueue) -> None:
    run(delivery(), seconds_per_char=100)

    assert queue.visibility["a"][0] == 900


def test_record_that_outlasts_its_claim_is_not_stored(
    run: Run, queue: InMemoryQueue, table: InMemoryTable, journal: Journal
) -> None:
    hanging = delivery("a", kind="hang", seconds=1.1)

    assert run(hanging, claim_margin=1, fault_injection=True) == ["a"]

    assert table.items == []
    assert queue.visibility == {"a": [1]}
    assert journal.line("retried")["retry_seconds"] == 0


def test_claim_that_fails_is_harmless(run: Run, queue: InMemoryQueue, journal: Journal) -> None:
    queue.refuses("ChangeMessageVisibilityBatch", "RequestThrottled")

    assert run(delivery()) == []
    assert journal.events() == ["claim failed", "stored"]


def test_claim_that_is_refused_is_harmless(
    run: Run, queue: InMemoryQueue, table: InMemoryTable, journal: Journal
) -> None:
    queue.unknown_receipts = {"a"}

    assert run(delivery("a"), delivery("b")) == []
    assert stored_logs(table) == {"a", "b"}
    assert journal.line("claim failed")["reason"] == "ReceiptHandleIsInvalid"


def test_deletion_that_fails_is_harmless(run: Run, queue: InMemoryQueue, journal: Journal) -> None:
    queue.refuses("DeleteMessageBatch", "RequestThrottled")

    assert run(delivery()) == []
    assert journal.events() == ["delete failed", "stored"]
    assert journal.metrics()["Stored"] == [1]


def test_late_duplicate_is_counted_and_deleted(
    run: Run, queue: InMemoryQueue, table: InMemoryTable, journal: Journal
) -> None:
    table.holds_a_later_log()

    assert run(delivery()) == []
    assert queue.deleted == ["a"]
    assert journal.events() == ["duplicate"]
    metrics = journal.metrics()
    assert metrics["Duplicate"] == [1]
    assert metrics.keys().isdisjoint({"Stored", "EndToEndSeconds"})


@pytest.mark.parametrize("body", ["hello", "", "null", "[]", "{}", '{"tenant_id": "acme"}', "🎉"])
def test_malformed_message_fails_at_once_and_alone(
    run: Run, queue: InMemoryQueue, table: InMemoryTable, journal: Journal, body: str
) -> None:
    assert run(delivery("bad", body=body), delivery("good")) == ["bad"]

    assert stored_logs(table) == {"good"}
    assert queue.visibility == {"bad": [0], "good": [30]}
    assert queue.deleted == ["good"]
    line = journal.line("retried")
    assert (line["message_id"], line["attempt"], line["retry_seconds"]) == ("bad", 1, 0)
    assert line["reason"].startswith("InvalidInputError: ")


def test_batch_of_malformed_messages_claims_nothing(run: Run, queue: InMemoryQueue) -> None:
    assert run(delivery("a", body="x"), delivery("b", body="y")) == ["a", "b"]
    assert queue.calls["ChangeMessageVisibilityBatch"] == 0


def test_throttled_store_is_tried_again_after_a_backoff(
    run: Run, queue: InMemoryQueue, table: InMemoryTable, journal: Journal
) -> None:
    table.refuses("PutItem", "ThrottlingException")

    assert run(delivery(attempt=2)) == ["a"]

    line = journal.line("retried")
    claim, backoff = queue.visibility["a"]
    assert claim == 30
    assert 1 <= backoff == line["retry_seconds"] <= 8
    assert line["reason"] == "ClientError: ThrottlingException from PutItem"
    assert queue.deleted == []
    assert journal.metrics() == {"Retried": [1]}


def test_unreachable_store_is_tried_again(run: Run, table: InMemoryTable, journal: Journal) -> None:
    table.is_unreachable()

    assert run(delivery()) == ["a"]
    assert journal.line("retried")["reason"].startswith("EndpointConnectionError at ")


def test_record_that_the_store_can_never_take_comes_again_at_once(
    run: Run, queue: InMemoryQueue, table: InMemoryTable
) -> None:
    table.refuses("PutItem", "ValidationException", "Item size has exceeded the maximum")

    assert run(delivery(attempt=3)) == ["a"]
    assert queue.visibility["a"][-1] == 0


@pytest.mark.parametrize("kind", ["transient", "permanent"])
def test_last_attempt_fails_for_good(
    run: Run, queue: InMemoryQueue, journal: Journal, kind: str
) -> None:
    assert run(delivery(attempt=LAST, kind=kind)) == ["a"]

    assert queue.visibility["a"][-1] == 0
    line = journal.line("failed")
    assert (line["level"], line["attempt"]) == ("ERROR", LAST)
    assert line["reason"].endswith("Error: Injected fault")
    assert journal.metrics() == {"Failed": [1]}


def test_backoff_that_fails_is_harmless_and_comes_after_the_attempts_line(
    run: Run, queue: InMemoryQueue, journal: Journal
) -> None:
    queue.refuses("ChangeMessageVisibility", "RequestThrottled")

    assert run(delivery(kind="transient")) == ["a"]
    assert journal.events() == ["retried", "backoff failed"]


def test_record_that_does_not_fit_in_the_invocation_is_not_begun(
    run: Run, table: InMemoryTable, journal: Journal
) -> None:
    failed = run(delivery(), seconds_per_char=10)

    assert failed == ["a"]
    assert table.items == []
    reason = journal.line("retried")["reason"]
    assert reason == "TransientError: The record needs 150.0 s, and the invocation has 50.0 s left"


def test_record_that_hangs_is_given_up_before_the_invocation_ends(
    run: Run, queue: InMemoryQueue, table: InMemoryTable, journal: Journal
) -> None:
    failed = run(
        delivery("hangs", kind="hang", seconds=0.2),
        delivery("good"),
        # the end comes once the neighbour is stored
        remaining=lambda: 3 if table.items else 60,
    )

    assert failed == ["hangs"]
    assert journal.line("retried")["reason"] == (
        "TransientError: Not done when the invocation had to end"
    )
    assert queue.visibility["hangs"][-1] > 0
    wait_for_threads()
    assert stored_logs(table) == {"good"}
    assert queue.deleted == ["good"]


def wait_for_threads() -> None:
    for thread in threading.enumerate():
        if thread.name.startswith("ThreadPoolExecutor"):
            thread.join()


def test_record_that_kills_its_process_takes_no_neighbour_with_it(
    run: Run, table: InMemoryTable, journal: Journal
) -> None:
    """The neighbour's first attempt is enough: this process would not survive the fault."""
    failed = run(delivery("kills", attempt=2, kind="kill"), delivery("good", attempt=1))

    assert failed == ["kills"]
    assert stored_logs(table) == {"good"}
    reason = journal.line("retried")["reason"]
    assert reason == "TransientError: The record's process was killed by SIGKILL"


def test_record_that_killed_a_process_once_is_kept_from_its_neighbours(
    run: Run, table: InMemoryTable
) -> None:
    """In a batch with a second attempt, first attempts are isolated too."""
    failed = run(delivery("kills", attempt=1, kind="kill"), delivery("good", attempt=2))

    assert failed == ["kills"]
    assert stored_logs(table) == {"good"}


def test_record_that_hangs_in_its_process_is_killed_in_time(run: Run, journal: Journal) -> None:
    hanging = delivery("hangs", attempt=2, kind="hang", seconds=60)

    assert run(hanging, remaining=lambda: 10.2) == ["hangs"]

    assert "was killed after 0.2 s" in journal.line("retried")["reason"]


def test_fault_is_ignored_where_faults_are_not_wanted(run: Run, table: InMemoryTable) -> None:
    assert run(delivery(kind="kill"), fault_injection=False) == []
    assert stored_logs(table) == {"a"}


def test_fault_passes_after_its_attempts(run: Run, table: InMemoryTable) -> None:
    assert run(delivery(attempt=3, kind="kill", attempts=2)) == []
    assert stored_logs(table) == {"a"}


def test_attribute_that_is_no_fault_is_permanent(run: Run, journal: Journal) -> None:
    assert run(delivery(kind="explode")) == ["a"]
    assert journal.line("retried")["retry_seconds"] == 0


def test_no_line_holds_a_text(run: Run, table: InMemoryTable, journal: Journal) -> None:
    table.refuses("PutItem", "ThrottlingException")

    run(delivery("a"), delivery("b", body=TEXT), delivery("c", kind="permanent"))

    assert len(journal.lines()) == 3
    assert "secret" not in journal.text()
