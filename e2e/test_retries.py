"""I6: a failing message has at most five attempts, and does not affect its neighbours."""

from itertools import pairwise

import pytest

from e2e.tenant import Tenant
from rdp.stack import Envelope, Fault, LogLine, Stack

pytestmark = pytest.mark.usefixtures("fault_injection")

MAX_ATTEMPTS = 5


def _neighbours(tenant: Tenant, count: int = 9) -> list[Envelope]:
    return [Envelope.of(tenant.message(f"healthy-{number}", "ok")) for number in range(count)]


def _attempts(lines: list[LogLine]) -> list[int]:
    return [_number(line, "attempt") for line in lines]


def _delay(line: LogLine) -> int:
    return _number(line, "retry_seconds")


def _number(line: LogLine, key: str) -> int:
    assert line.fields
    value = line.fields[key]
    assert isinstance(value, int)
    return value


def test_transient_failure_is_retried_after_a_backoff(stack: Stack, tenant: Tenant) -> None:
    base = int(stack.functions.worker_environment()["RETRY_BASE_SECONDS"])

    message_id = tenant.enqueue(tenant.message("log"), Fault("transient", attempts=2))

    assert tenant.wait_for_record("log").attempt == 3
    lines = tenant.wait_for_worker_log(message_id, "retried", "retried", "stored")
    assert _attempts(lines) == [1, 2, 3]
    for doublings, (failed, next_try) in enumerate(pairwise(lines)):
        # the limit doubles, and the jitter keeps half of it
        assert base * 2**doublings / 2 <= _delay(failed) <= base * 2**doublings
        assert next_try.written_at - failed.written_at > _delay(failed) - 0.5


def test_permanent_failure_reaches_the_dlq_after_five_attempts(tenant: Tenant) -> None:
    message_id = tenant.enqueue(tenant.message("log"), Fault("permanent"))

    [letter] = tenant.wait_for_dead_letters(1)
    assert letter.message_id == message_id
    assert letter.fields["log_id"] == "log"
    lines = tenant.wait_for_worker_log(message_id, *["retried"] * 4, "failed")
    assert _attempts(lines) == [1, 2, 3, 4, 5]
    assert [_delay(line) for line in lines] == [0] * MAX_ATTEMPTS
    assert tenant.records() == []


def test_record_that_kills_its_process_fails_alone(tenant: Tenant) -> None:
    poison = Envelope.of(tenant.message("poison"), Fault("kill"))
    neighbours = _neighbours(tenant)

    poison_id, *_ = tenant.enqueue_all(poison, *neighbours)

    records = tenant.wait_for_records(len(neighbours), deadline=120)
    assert {record.log_id for record in records} == {f"healthy-{n}" for n in range(9)}
    assert max(record.attempt for record in records) <= 2
    [letter] = tenant.wait_for_dead_letters(1, deadline=120)
    assert letter.message_id == poison_id
    # An attempt that killed the worker itself leaves no line.
    attempts = _attempts(tenant.wait_for_worker_log(poison_id, "failed"))
    assert attempts == sorted(set(attempts))
    assert attempts[-1] == MAX_ATTEMPTS
    assert len(tenant.records()) == len(neighbours)


def test_record_that_hangs_does_not_hold_up_its_neighbours(tenant: Tenant) -> None:
    hanging = Envelope.of(tenant.message("hanging"), Fault("hang", seconds=6))
    neighbours = _neighbours(tenant)

    tenant.enqueue_all(hanging, *neighbours)

    hung = tenant.wait_for_record("hanging")
    others = [record for record in tenant.wait_for_records(10) if record.log_id != "hanging"]
    assert all(record.processed_at < hung.processed_at for record in others)
    assert {record.attempt for record in others} == {1}


def test_record_that_hangs_long_is_not_waited_for(tenant: Tenant) -> None:
    """The worker claims a record for its processing time plus half a minute, and gives it up while
    the claim leaves time to store it."""
    message_id = tenant.enqueue(tenant.message("hanging"), Fault("hang", attempts=1, seconds=36))

    record = tenant.wait_for_record("hanging")
    assert record.attempt == 2
    given_up, _ = tenant.wait_for_worker_log(message_id, "retried", "stored")
    assert given_up.fields
    # from a child process, if a neighbour of the batch was a second attempt
    assert "its claim or the invocation" in str(given_up.fields["reason"])
    assert tenant.records() == [record]


def test_record_that_stores_late_is_stored_once(tenant: Tenant) -> None:
    message_id = tenant.enqueue(tenant.message("slow"), Fault("delay", seconds=3))

    assert tenant.wait_for_record("slow").attempt == 1
    lines = tenant.wait_for_worker_log(message_id, "stored")
    assert _attempts(lines) == [1]
