"""rdp reset: empty queues and table, and a worker that runs again."""

import json

import pytest

from rdp.cli import reset
from tests.rdp.cloud import DLQ, ENABLED, LONG_QUEUE, QUEUE, Cloud
from tests.rdp.fixtures import Rdp


@pytest.fixture(autouse=True)
def no_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("time.sleep", lambda _seconds: None)


@pytest.fixture
def filled(cloud: Cloud) -> Cloud:
    cloud.sqs.put(QUEUE, "{}")
    cloud.sqs.put(LONG_QUEUE, "{}")
    cloud.sqs.put(DLQ, "{}")
    for number in range(3):
        cloud.dynamodb.put("acme", f"log-{number}")
    return cloud


def test_everything_is_deleted_and_the_worker_runs_again(rdp: Rdp, filled: Cloud) -> None:
    result = rdp("reset", "--yes")

    assert result.exit_code == 0
    assert result.stdout.startswith("Deleted 3 records, about 2 messages and 1 dead letters (")
    assert filled.sqs.messages == {QUEUE: {}, LONG_QUEUE: {}, DLQ: {}}
    assert filled.dynamodb.items == {}
    assert filled.functions.mappings == ENABLED


@pytest.mark.usefixtures("filled")
def test_programs_get_the_counts(rdp: Rdp) -> None:
    result = rdp("reset", "--yes", "--json")

    assert json.loads(result.stdout) == {"records": 3, "messages": 2, "dead_letters": 1}


def test_nobody_to_ask_changes_nothing(rdp: Rdp, filled: Cloud) -> None:
    result = rdp("reset")

    assert result.exit_code == 1
    assert "nothing was changed" in result.stderr
    assert len(filled.dynamodb.items) == 3
    assert filled.functions.calls["UpdateEventSourceMapping"] == 0


def test_message_that_a_worker_keeps_is_named(
    rdp: Rdp, filled: Cloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reset, "_IN_FLIGHT_SECONDS", 0)
    next(iter(filled.sqs.messages[QUEUE].values())).visible = False

    result = rdp("reset", "--yes")

    assert result.exit_code == 0
    assert "Run `rdp reset` again to delete them" in result.stderr


def test_worker_runs_again_after_an_error(rdp: Rdp, filled: Cloud) -> None:
    filled.sqs.refuses("PurgeQueue", "AWS.SimpleQueueService.PurgeQueueInProgress")

    result = rdp("reset", "--yes")

    assert result.exit_code == 1
    assert "PurgeQueueInProgress" in result.stderr
    assert filled.functions.mappings == ENABLED
