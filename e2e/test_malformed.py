"""Messages that the API would never send end in the DLQ and do not affect others."""

import json
from dataclasses import asdict

import pytest

from e2e.tenant import Tenant
from rdp.stack import Envelope

NO_OBJECT = ["hello", "null", "7", "[]", '"text"', '{"tenant_id": "ac', "{}"]
WRONG_FIELDS: list[dict[str, object]] = [
    {"tenant_id": None},
    {"tenant_id": "../acme"},
    {"log_id": ""},
    {"log_id": 7},
    {"text": ""},
    {"text": {"a": "b"}},
    {"source": "by fax"},
    {"received_at": "yesterday"},
    {"received_at": "2026-11-22T21:47:15Z"},
    {"request_id": ""},
]
FIELDS = ["tenant_id", "log_id", "text", "source", "received_at", "request_id"]


def _malformed_bodies(tenant: Tenant) -> list[str]:
    good = asdict(tenant.message("malformed"))
    without = [{key: good[key] for key in good if key != field} for field in FIELDS]
    changed = [good | changes for changes in WRONG_FIELDS]
    return [*NO_OBJECT, *map(json.dumps, without + changed)]


def test_malformed_messages_reach_the_dlq_among_healthy_neighbours(tenant: Tenant) -> None:
    malformed = [Envelope(body, tenant.name) for body in _malformed_bodies(tenant)]
    healthy = [
        Envelope.of(tenant.message(f"healthy-{number}", "ok")) for number in range(len(malformed))
    ]
    mixed = [envelope for pair in zip(malformed, healthy, strict=True) for envelope in pair]

    message_ids = tenant.enqueue_all(*mixed)

    records = tenant.wait_for_records(len(healthy))
    assert {record.attempt for record in records} == {1}
    letters = tenant.wait_for_dead_letters(len(malformed))
    assert {letter.message_id for letter in letters} == set(message_ids[::2])
    assert len(tenant.records()) == len(healthy)


@pytest.mark.parametrize("body", ["hello", '{"text": "call 555-0199"}'])
def test_malformed_message_is_tried_five_times(tenant: Tenant, body: str) -> None:
    [message_id] = tenant.enqueue_all(Envelope(body, tenant.name))

    tenant.wait_for_dead_letters(1)
    lines = tenant.wait_for_worker_log(message_id, *["retried"] * 4, "failed")
    assert [line.fields["attempt"] for line in lines if line.fields] == [1, 2, 3, 4, 5]
    assert all(line.fields and line.fields["reason"] for line in lines)


def test_message_of_a_later_version_is_stored(tenant: Tenant) -> None:
    """While a new version is deployed, its API may send to a worker of this one."""
    later = {**asdict(tenant.message("later")), "source": "otlp", "severity": "INFO", "tags": [7]}

    tenant.enqueue_all(Envelope(json.dumps(later), tenant.name))

    record = tenant.wait_for_record("later")
    assert (record.source, record.attempt) == ("otlp", 1)
