"""Messages in the DLQ go back to the queue after their cause is gone."""

import pytest

from e2e.tenant import REDACTED_TEXT, Tenant
from rdp.stack import Envelope, Fault, Stack

pytestmark = [pytest.mark.usefixtures("fault_injection"), pytest.mark.alone]


def test_redriven_messages_are_stored_once_the_cause_is_gone(stack: Stack, tenant: Tenant) -> None:
    if strangers := stack.dead_letters.depth():
        pytest.skip(f"the DLQ holds {strangers} messages of others, which would be redriven too")
    poison = [
        Envelope.of(tenant.message(f"log-{number}"), Fault("permanent")) for number in range(3)
    ]
    tenant.enqueue_all(*poison)
    tenant.wait_for_dead_letters(len(poison))

    # A configuration of the worker removes the cause, not the number of the attempt: AWS, and
    # LocalStack with the plugin, count a redriven message's receipts from 1 again.
    with stack.functions.changed_worker_environment(FAULT_INJECTION="false"):
        stack.dead_letters.redrive(deadline=60)
        records = tenant.wait_for_records(len(poison))

    assert {record.modified_data for record in records} == {REDACTED_TEXT}
    assert tenant.dead_letters() == []
