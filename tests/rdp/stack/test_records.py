"""The table: reading in pages, deleting in batches while the table throttles."""

from collections import Counter

import pytest

from rdp.stack import StackError, records
from tests.rdp.cloud import Cloud


@pytest.fixture(autouse=True)
def no_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(records, "_FIRST_PAUSE_SECONDS", 0)


def _fill(cloud: Cloud, count: int) -> None:
    for number in range(count):
        cloud.dynamodb.put("acme", f"log-{number:03}")


def test_query_reads_all_pages_of_one_tenant(cloud: Cloud) -> None:
    _fill(cloud, 5)
    cloud.dynamodb.put("other", "log")

    found = list(cloud.stack.records.of("acme"))

    assert [record.log_id for record in found] == [f"log-{number:03}" for number in range(5)]
    assert cloud.dynamodb.calls["Query"] == 3


def test_record_is_found_by_its_key_or_missing(cloud: Cloud) -> None:
    cloud.dynamodb.put("acme", "log", request_id="mine")

    found = cloud.stack.records.get("acme", "log")

    assert found is not None
    assert (found.key, found.request_id, found.attempt) == (("acme", "log"), "mine", 1)
    assert cloud.stack.records.get("acme", "nothing") is None


@pytest.mark.parametrize(
    ("attribute", "value", "fragment"),
    [
        ("colour", {"S": "red"}, "'colour'"),
        ("attempt", {"N": "1.5"}, "'1.5'"),
        ("source", {}, "not enough values"),
    ],
)
def test_item_that_is_not_a_record_is_an_error_that_names_it(
    cloud: Cloud, attribute: str, value: dict[str, str], fragment: str
) -> None:
    cloud.dynamodb.put("acme", "log")
    cloud.dynamodb.items["acme", "log"][attribute] = value

    with pytest.raises(StackError, match=r"\['acme', 'log'\] .* is not a record") as refused:
        cloud.stack.records.get("acme", "log")
    assert fragment in str(refused.value)


def test_keys_of_all_tenants_are_scanned(cloud: Cloud) -> None:
    _fill(cloud, 3)
    cloud.dynamodb.put("other", "log")

    keys = list(cloud.stack.records.keys())
    assert Counter(tenant_id for tenant_id, _ in keys) == {"acme": 3, "other": 1}


def test_all_records_of_a_tenant_are_deleted_and_no_others(cloud: Cloud) -> None:
    _fill(cloud, 60)
    cloud.dynamodb.put("other", "log")

    cloud.stack.records.delete_of("acme")

    assert set(cloud.dynamodb.items) == {("other", "log")}


def test_progress_comes_while_keys_are_still_read(cloud: Cloud) -> None:
    _fill(cloud, 450)
    keys = iter(sorted(cloud.dynamodb.items))
    left: list[tuple[int, int]] = []

    deleted = cloud.stack.records.delete(
        keys, lambda count: left.append((count, len(cloud.dynamodb.items)))
    )

    assert deleted == 450
    assert left == [(200, 250), (400, 50), (450, 0)]


def test_interrupted_deletion_stops(cloud: Cloud) -> None:
    _fill(cloud, 450)

    def interrupt(_deleted: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        cloud.stack.records.delete(sorted(cloud.dynamodb.items), interrupt)
    assert len(cloud.dynamodb.items) == 250


def test_throttled_items_are_deleted_by_a_later_call(cloud: Cloud) -> None:
    _fill(cloud, 3)
    cloud.dynamodb.throttled = 2

    assert cloud.stack.records.delete(sorted(cloud.dynamodb.items)) == 3
    assert cloud.dynamodb.items == {}
    assert cloud.dynamodb.calls["BatchWriteItem"] == 3


def test_deletion_that_is_throttled_for_too_long_is_given_up(cloud: Cloud) -> None:
    _fill(cloud, 1)
    cloud.dynamodb.throttled = 1000

    with pytest.raises(StackError, match="table throttles the deletion: try again later"):
        cloud.stack.records.delete([("acme", "log-000")])
    assert cloud.dynamodb.calls["BatchWriteItem"] == 8
