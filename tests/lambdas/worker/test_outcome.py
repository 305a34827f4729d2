import pytest

from tests.lambdas.aws import InMemoryQueue, InMemoryTable
from tests.lambdas.builders import SECRET_TEXT, WORKER_SETTINGS, delivery
from tests.lambdas.journal import Journal
from tests.lambdas.worker.runner import BatchRunner

LAST = WORKER_SETTINGS.max_receive_count


def test_late_duplicate_is_counted_and_deleted(
    run: BatchRunner, queue: InMemoryQueue, table: InMemoryTable, journal: Journal
) -> None:
    table.holds_a_later_log()

    assert run(delivery()) == []
    assert queue.deleted == ["a"]
    assert journal.events() == ["duplicate"]
    metrics = journal.metrics()
    assert metrics["Duplicate"] == [1]
    assert metrics.keys().isdisjoint({"Stored", "EndToEndSeconds"})


def test_throttled_store_is_retried_after_a_backoff(
    run: BatchRunner, queue: InMemoryQueue, table: InMemoryTable, journal: Journal
) -> None:
    table.refuses("PutItem", "ThrottlingException")

    assert run(delivery(attempt=2)) == ["a"]

    line = journal.line("retried")
    claim, backoff = queue.visibility["a"]
    assert claim == 30
    # the second of the delays after 5, 30, 180 and 1,080 s
    assert 24 <= backoff == line["retry_seconds"] <= 30
    assert line["kind"] == "transient"
    assert line["reason"] == "ClientError: ThrottlingException from PutItem"
    assert queue.deleted == []
    assert journal.metrics() == {"Retried": [1]}


def test_transient_failure_of_the_message_itself_is_retried_sooner(
    run: BatchRunner, queue: InMemoryQueue
) -> None:
    assert run(delivery(attempt=2, kind="transient")) == ["a"]
    assert 4 <= queue.visibility["a"][-1] <= 8


def test_unreachable_store_is_retried(
    run: BatchRunner, table: InMemoryTable, journal: Journal
) -> None:
    table.is_unreachable()

    assert run(delivery()) == ["a"]
    assert journal.line("retried")["reason"].startswith("EndpointConnectionError at ")


def test_permanent_refusal_of_the_store_is_released_at_once(
    run: BatchRunner, queue: InMemoryQueue, table: InMemoryTable, journal: Journal
) -> None:
    table.refuses("PutItem", "ValidationException", "Item size has exceeded the maximum")

    assert run(delivery(attempt=3)) == ["a"]
    assert queue.visibility["a"][-1] == 0
    assert journal.line("retried")["kind"] == "permanent"


@pytest.mark.parametrize("kind", ["transient", "permanent"])
def test_last_attempt_is_logged_and_counted_as_failed(
    run: BatchRunner, queue: InMemoryQueue, journal: Journal, kind: str
) -> None:
    assert run(delivery(attempt=LAST, kind=kind)) == ["a"]

    assert queue.visibility["a"][-1] == 0
    line = journal.line("failed")
    assert (line["level"], line["attempt"]) == ("ERROR", LAST)
    assert line["reason"].endswith("Error: Injected fault")
    assert line["kind"] == kind
    assert journal.metrics() == {"Failed": [1]}


def test_failed_release_is_harmless_and_logged_after_the_attempt(
    run: BatchRunner, queue: InMemoryQueue, journal: Journal
) -> None:
    queue.refuses("ChangeMessageVisibility", "RequestThrottled")

    assert run(delivery(kind="transient")) == ["a"]
    assert journal.events() == ["retried", "backoff failed"]


def test_no_log_line_holds_a_text(run: BatchRunner, table: InMemoryTable, journal: Journal) -> None:
    table.refuses("PutItem", "ThrottlingException")

    run(delivery("a"), delivery("b", body=SECRET_TEXT), delivery("c", kind="permanent"))

    assert len(journal.lines()) == 3
    assert "secret" not in journal.text()


def test_message_that_ends_its_process_is_a_crash(run: BatchRunner, journal: Journal) -> None:
    """Among dead letters after an outage, it is not one that a redrive would help."""
    assert run(delivery(attempt=LAST, kind="kill")) == ["a"]

    assert journal.line("failed")["kind"] == "crash"
