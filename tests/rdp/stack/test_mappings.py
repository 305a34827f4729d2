"""The event source mappings: paused, and enabled again whatever happens."""

import pytest

from rdp.stack import StackError
from rdp.stack.mappings import Mappings
from tests.rdp.cloud import ENABLED, Cloud

DISABLED = {"queue": "Disabled", "long-queue": "Disabled"}


@pytest.fixture(autouse=True)
def no_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("time.sleep", lambda _seconds: None)


@pytest.fixture
def mappings(cloud: Cloud) -> Mappings:
    return cloud.stack.functions.mappings


def test_paused_mappings_are_enabled_again(cloud: Cloud, mappings: Mappings) -> None:
    with mappings.paused():
        assert cloud.functions.mappings == DISABLED

    assert cloud.functions.mappings == ENABLED


def test_mappings_are_enabled_after_an_interruption_while_they_are_being_disabled(
    cloud: Cloud, mappings: Mappings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """AWS refuses to change a mapping that is changing."""
    look = mappings._wait_for

    def interrupted(mapping: str, *wanted: str) -> str:
        if wanted == ("Disabled",):
            raise KeyboardInterrupt
        return look(mapping, *wanted)

    monkeypatch.setattr(mappings, "_wait_for", interrupted)

    with pytest.raises(KeyboardInterrupt), mappings.paused():
        pass
    assert cloud.functions.mappings == ENABLED


def test_only_what_is_disabled_is_enabled(cloud: Cloud, mappings: Mappings) -> None:
    cloud.functions.mappings["long-queue"] = "Disabled"

    assert mappings.resume() is True

    assert cloud.functions.mappings == ENABLED
    assert cloud.functions.calls["UpdateEventSourceMapping"] == 1


def test_enabled_mappings_stay_as_they_are(cloud: Cloud, mappings: Mappings) -> None:
    assert mappings.resume() is False
    assert cloud.functions.calls["UpdateEventSourceMapping"] == 0


def test_changed_concurrency_is_restored(cloud: Cloud, mappings: Mappings) -> None:
    with mappings.limited_to(2):
        assert cloud.functions.concurrency == {"queue": 2, "long-queue": 2}

    assert cloud.functions.concurrency == {"queue": 100, "long-queue": 20}


@pytest.mark.parametrize(
    ("queues", "found"),
    [([], "no queue"), (["queue"], "queue"), (["queue", "other"], "other, queue")],
)
def test_wrong_mappings_are_an_error(
    cloud: Cloud, mappings: Mappings, queues: list[str], found: str
) -> None:
    cloud.functions.mappings = dict.fromkeys(queues, "Enabled")

    message = f"mappings for {found} instead of one for each of queue, long-queue: deploy again"
    with pytest.raises(StackError, match=message):
        mappings.resume()


def test_settings_are_those_of_the_queues_mapping(cloud: Cloud, mappings: Mappings) -> None:
    cloud.functions.batching["long-queue"]["BatchSize"] = 7

    assert mappings.settings("queue") == (50, 5, 100)
    assert mappings.settings("long-queue") == (7, 5, 20)


def test_changed_batching_is_restored(cloud: Cloud, mappings: Mappings) -> None:
    cloud.functions.batching["long-queue"]["BatchSize"] = 7

    with mappings.batching(10, 0):
        assert mappings.settings("queue")[:2] == mappings.settings("long-queue")[:2] == (10, 0)

    assert mappings.settings("queue")[:2] == (50, 5)
    assert mappings.settings("long-queue")[:2] == (7, 5)
