"""The ledger against the stack: what is stored, dead, lost and unexpected."""

from collections.abc import Callable

import pytest

from rdp import ledger
from rdp.ledger import Ledger, reconcile
from tests.rdp.cloud import DLQ, QUEUE, Cloud


class Clock:
    """Time that passes only while somebody sleeps."""

    def __init__(self) -> None:
        self.now = 0.0
        self.at_each_second: Callable[[float], object] = lambda _now: None

    def monotonic(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds
        self.at_each_second(self.now)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(ledger, "time", clock)
    return clock


@pytest.fixture
def accepted() -> Ledger:
    found = Ledger()
    for tenant_id in ("acme", "other"):
        for log_id in ("a", "b"):
            found.accept(tenant_id, log_id, "request")
    return found


def _store_all(cloud: Cloud, accepted: Ledger) -> None:
    for key in accepted.accepted:
        cloud.dynamodb.put(*key)


def _dead(cloud: Cloud) -> None:
    cloud.sqs.put(DLQ, '{"tenant_id": "acme", "log_id": "a"}', "hello")


def test_stored_logs_are_the_balance(cloud: Cloud, clock: Clock, accepted: Ledger) -> None:
    _store_all(cloud, accepted)
    seen: list[tuple[int, int]] = []

    balance = reconcile(
        cloud.stack, accepted, patience=100, progress=lambda *counts: seen.append(counts)
    )

    assert set(balance.records) == set(accepted.accepted)
    assert (balance.dead, balance.lost, balance.unexpected) == (set(), set(), set())
    assert seen == [(4, 4)]
    assert clock.now == 0


def test_nothing_accepted_is_balanced_at_once(cloud: Cloud, clock: Clock) -> None:
    assert reconcile(cloud.stack, Ledger(), patience=100).lost == set()
    assert clock.now == 0


def test_record_that_nobody_was_promised_is_unexpected(
    cloud: Cloud, clock: Clock, accepted: Ledger
) -> None:
    _store_all(cloud, accepted)
    cloud.dynamodb.put("acme", "c")
    cloud.dynamodb.put("stranger", "c")

    balance = reconcile(cloud.stack, accepted, patience=100)

    assert balance.unexpected == {("acme", "c")}
    assert balance.lost == set()
    assert clock.now == 0


def test_dead_letter_is_not_lost(cloud: Cloud, clock: Clock, accepted: Ledger) -> None:
    _store_all(cloud, accepted)
    del cloud.dynamodb.items["acme", "a"]
    _dead(cloud)

    balance = reconcile(cloud.stack, accepted, patience=100)

    assert balance.dead == {("acme", "a")}
    assert balance.lost == set()
    assert clock.now == 0


def test_missing_log_is_lost_after_the_patience(
    cloud: Cloud, clock: Clock, accepted: Ledger
) -> None:
    cloud.sqs.put(QUEUE, "somebody else's")

    balance = reconcile(cloud.stack, accepted, patience=100)

    assert balance.lost == set(accepted.accepted)
    assert 100 < clock.now <= 102


def test_empty_queue_shortens_the_patience(cloud: Cloud, clock: Clock, accepted: Ledger) -> None:
    assert reconcile(cloud.stack, accepted, patience=100).lost == set(accepted.accepted)
    assert 30 < clock.now <= 32


def test_new_record_renews_the_patience(cloud: Cloud, clock: Clock, accepted: Ledger) -> None:
    """Each of four logs comes 90 s after the one before."""
    cloud.sqs.put(QUEUE, "still working")
    slow = iter(accepted.accepted)

    def store(now: float) -> None:
        if now % 90 == 0:
            cloud.dynamodb.put(*next(slow))

    clock.at_each_second = store

    assert reconcile(cloud.stack, accepted, patience=100).lost == set()
    assert clock.now == 360


def test_only_tenants_that_miss_a_record_are_read_again(
    cloud: Cloud, clock: Clock, accepted: Ledger
) -> None:
    _store_all(cloud, accepted)
    missing = cloud.dynamodb.items.pop(("other", "b"))

    def store(_now: float) -> None:
        cloud.dynamodb.items["other", "b"] = missing

    clock.at_each_second = store

    assert reconcile(cloud.stack, accepted, patience=100).lost == set()
    assert cloud.dynamodb.calls["Query"] == 3
