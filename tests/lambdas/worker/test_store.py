from dataclasses import replace

import pytest
from botocore.exceptions import ClientError

from tests.lambdas.aws import InMemoryTable
from tests.lambdas.builders import MESSAGE
from worker.store import LONGEST_PUT_SECONDS, Record, Store

RECORD = Record(
    message=MESSAGE,
    modified_data="User [REDACTED] logged in",
    processed_at="2026-11-22T21:47:16.000000Z",
    worker_id="2026/11/22/[$LATEST]0123456789abcdef",
    attempt=2,
    original_text=MESSAGE.text,
    expires_at=None,
)


@pytest.fixture
def subject(table: InMemoryTable) -> Store:
    return Store(table.client, "processed-logs")


def test_record_is_stored_under_its_tenant(table: InMemoryTable, subject: Store) -> None:
    assert subject.put(RECORD)

    assert table.items == [
        {
            "tenant_id": {"S": "acme"},
            "log_id": {"S": "log-001"},
            "source": {"S": "json_upload"},
            "original_text": {"S": "User 555-0199 logged in"},
            "modified_data": {"S": "User [REDACTED] logged in"},
            "processed_at": {"S": "2026-11-22T21:47:16.000000Z"},
            "received_at": {"S": "2026-11-22T21:47:15.123000Z"},
            "request_id": {"S": "JKJaXmPLvHcESHA="},
            "worker_id": {"S": "2026/11/22/[$LATEST]0123456789abcdef"},
            "attempt": {"N": "2"},
        }
    ]


def test_record_is_replaced_only_by_one_received_later(
    table: InMemoryTable, subject: Store
) -> None:
    subject.put(RECORD)

    assert table.conditions == [
        {
            "ConditionExpression": (
                "attribute_not_exists(tenant_id) OR received_at < :received_at"
                " OR (received_at = :received_at AND request_id < :request_id)"
            ),
            "ExpressionAttributeValues": {
                ":received_at": {"S": "2026-11-22T21:47:15.123000Z"},
                ":request_id": {"S": "JKJaXmPLvHcESHA="},
            },
        }
    ]


def test_record_received_earlier_is_not_stored_and_no_error(
    table: InMemoryTable, subject: Store
) -> None:
    table.holds_a_later_log()

    assert not subject.put(RECORD)


def test_any_other_refusal_of_the_table_is_raised(table: InMemoryTable, subject: Store) -> None:
    table.refuses("PutItem", "ProvisionedThroughputExceededException")

    with pytest.raises(ClientError, match="ProvisionedThroughputExceededException"):
        subject.put(RECORD)


def test_item_has_what_the_record_has(table: InMemoryTable, subject: Store) -> None:
    subject.put(replace(RECORD, original_text=None, expires_at=1_795_384_035))

    [item] = table.items
    assert "original_text" not in item
    assert item["expires_at"] == {"N": "1795384035"}


def test_longest_put_is_what_the_client_may_wait() -> None:
    """Two attempts of 2 s to connect and 5 s to answer, and up to 1 s between them."""
    assert LONGEST_PUT_SECONDS == 15
