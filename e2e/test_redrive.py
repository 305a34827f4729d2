"""Messages in the DLQ go back to the queue after their cause is gone."""

import json
import re

import pytest

from e2e.commands import interrupted_rdp, rdp
from e2e.tenant import REDACTED_TEXT, Tenant
from rdp.stack import Envelope, Fault, Stack
from rdp.waiting import wait_until

pytestmark = [pytest.mark.usefixtures("fault_injection", "empty_dlq"), pytest.mark.alone]


@pytest.fixture
def empty_dlq(stack: Stack) -> None:
    if strangers := stack.dead_letters.depth():
        pytest.skip(f"the DLQ holds {strangers} messages of others, which would be redriven too")


def _bury(tenant: Tenant, **faults: Fault) -> None:
    """Messages whose worker fails on each attempt, by log id, until they are in the DLQ."""
    ids = tenant.enqueue_all(
        *(Envelope.of(tenant.message(log_id), fault) for log_id, fault in faults.items())
    )
    tenant.wait_for_dead_letters(len(faults))
    for message_id in ids:
        tenant.wait_for_worker_log(message_id, "failed")


def test_redriven_messages_are_stored_once_the_cause_is_gone(stack: Stack, tenant: Tenant) -> None:
    _bury(tenant, **{f"log-{number}": Fault("permanent") for number in range(3)})

    # A configuration of the worker removes the cause, not the number of the attempt: AWS, and
    # LocalStack with the plugin, count a redriven message's receipts from 1 again.
    with stack.functions.changed_worker_environment(FAULT_INJECTION="false"):
        stack.dead_letters.redrive(deadline=60)
        records = tenant.wait_for_records(3)

    assert {record.modified_data for record in records} == {REDACTED_TEXT}
    assert tenant.dead_letters() == []


@pytest.mark.parametrize("how", [[], ["--transient"]], ids=["all", "transient"])
def test_each_message_goes_back_to_the_lane_that_it_came_from(
    stack: Stack, tenant: Tenant, how: list[str]
) -> None:
    stack.queues.long.send(Envelope.of(tenant.message("long"), Fault("transient")))
    tenant.enqueue(tenant.message("short"), Fault("transient"))
    letters = tenant.wait_for_dead_letters(2)
    for letter in letters:
        tenant.wait_for_worker_log(letter.message_id, "failed")

    with stack.functions.changed_worker_environment(FAULT_INJECTION="false"):
        with stack.functions.mappings.paused():
            moved = rdp("dlq", "redrive", *how, "--json")
            waiting = wait_until(
                lambda: [lane.counts().waiting for lane in stack.queues.lanes],
                lambda counts: sum(counts) == 2,
                deadline=60,
                what="2 messages in the queues",
            )
        tenant.wait_for_records(2)

    assert {(letter.fields["log_id"], letter.source) for letter in letters} == {
        ("short", stack.queues.short.name),
        ("long", stack.queues.long.name),
    }
    assert json.loads(moved.stdout)["moved"] == 2
    assert waiting == [1, 1]


def test_only_the_message_that_failed_transiently_is_redriven(stack: Stack, tenant: Tenant) -> None:
    _bury(tenant, transient=Fault("transient"), permanent=Fault("permanent"))

    listed = rdp("dlq", "list", "--transient", "--json")
    with stack.functions.changed_worker_environment(FAULT_INJECTION="false"):
        finished = rdp("dlq", "redrive", "--transient", "--rate", "5", "--json")
        [record] = tenant.wait_for_records(1)

    assert [json.loads(line)["log_id"] for line in listed.stdout.splitlines()] == ["transient"]
    assert json.loads(finished.stdout) == {"moved": 1, "left": {"permanent": 1}}
    assert (record.log_id, record.attempt) == ("transient", 1)
    [letter] = tenant.dead_letters()
    assert letter.fields["log_id"] == "permanent"


def test_message_that_fails_again_is_moved_once(tenant: Tenant) -> None:
    _bury(tenant, log=Fault("transient"))

    finished = rdp("dlq", "redrive", "--transient", "--json")

    assert json.loads(finished.stdout) == {"moved": 1, "left": {}}
    [letter] = tenant.wait_for_dead_letters(1)
    assert letter.group == tenant.name
    assert letter.attributes["Fault"]["StringValue"] == Fault("transient").to_attribute()


def test_interrupted_redrive_leaves_each_message_in_one_queue(stack: Stack, tenant: Tenant) -> None:
    letters = {f"log-{number}": Fault("transient") for number in range(8)}
    _bury(tenant, **letters)

    with stack.functions.changed_worker_environment(FAULT_INJECTION="false"):
        finished = interrupted_rdp(
            *("dlq", "redrive", "--transient", "--rate", "1"), once=re.compile(r"moved [1-7] ")
        )
        left = {str(letter.fields["log_id"]) for letter in tenant.dead_letters()}
        stored = {record.log_id for record in tenant.wait_for_records(len(letters) - len(left))}

    assert finished.returncode == 130, finished.stderr
    assert f"moved {len(stored)} messages; the others are still in" in finished.stderr
    assert left | stored == letters.keys()
    assert len(left) > 0
