"""I4: a log sent any number of times, in any order, is one record: the version received last."""

from dataclasses import replace
from itertools import permutations

from e2e.answers import assert_accepted
from e2e.tenant import Tenant
from rdp.stack import Envelope, QueueMessage

TIMES = (
    "2026-01-01T00:00:00.000001Z",
    "2026-01-01T00:00:00.000002Z",
    "2026-01-01T00:00:01.000000Z",
)


def _versions(tenant: Tenant, log_id: str) -> list[QueueMessage]:
    """The versions of one log, oldest first."""
    return [
        replace(tenant.message(log_id, f"v{number}"), received_at=received_at)
        for number, received_at in enumerate(TIMES)
    ]


def test_log_sent_again_is_one_record_the_later_one(tenant: Tenant) -> None:
    first, second = tenant.post_json("one", log_id="log"), tenant.post_text("two", log_id="log")
    assert_accepted(first)
    assert_accepted(second)

    request_id = second.json()["request_id"]
    tenant.wait_for_record("log", where=lambda record: record.request_id == request_id)
    [record] = tenant.records()
    assert (record.original_text, record.source) == ("two", "text_upload")


def test_newest_version_wins_in_whatever_order_all_come(tenant: Tenant) -> None:
    messages = [
        _versions(tenant, f"log-{order}")[version]
        for order, versions in enumerate(permutations(range(len(TIMES))))
        for version in (*versions, versions[0])
    ]

    message_ids = tenant.enqueue_all(*map(Envelope.of, messages))

    tenant.wait_until_settled(message_ids)
    records = tenant.records()
    assert len(records) == 6
    assert {(record.original_text, record.received_at) for record in records} == {("v2", TIMES[2])}


def test_older_version_that_comes_late_changes_nothing(tenant: Tenant) -> None:
    oldest, _, newest = _versions(tenant, "log")
    tenant.enqueue(newest)
    stored = tenant.wait_for_record("log")

    late = [tenant.enqueue(oldest), tenant.enqueue(newest)]

    for message_id in late:
        tenant.wait_for_worker_log(message_id, "duplicate")
    assert tenant.records() == [stored]


def test_request_id_decides_between_versions_of_the_same_instant(tenant: Tenant) -> None:
    lesser, greater = (
        replace(tenant.message("log", request_id), received_at=TIMES[0], request_id=request_id)
        for request_id in ("request-1", "request-2")
    )

    message_ids = tenant.enqueue_all(Envelope.of(greater), Envelope.of(lesser))

    tenant.wait_until_settled(message_ids)
    [record] = tenant.records()
    assert record.request_id == "request-2"
