"""The event source mapping: paused, and enabled again whatever happens."""

import pytest

from rdp.stack import StackError
from tests.rdp.cloud import Cloud


@pytest.fixture(autouse=True)
def no_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("time.sleep", lambda _seconds: None)


def test_paused_mapping_is_enabled_again(cloud: Cloud) -> None:
    with cloud.stack.functions.paused_worker():
        assert cloud.functions.mappings == ["Disabled"]

    assert cloud.functions.mappings == ["Enabled"]


def test_mapping_is_enabled_after_an_interruption_while_it_is_being_disabled(
    cloud: Cloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    """AWS refuses to change a mapping that is changing."""
    functions = cloud.stack.functions
    look = functions._wait_for_mapping

    def interrupted(mapping: str, *wanted: str) -> str:
        if wanted == ("Disabled",):
            raise KeyboardInterrupt
        return look(mapping, *wanted)

    monkeypatch.setattr(functions, "_wait_for_mapping", interrupted)

    with pytest.raises(KeyboardInterrupt), functions.paused_worker():
        pass
    assert cloud.functions.mappings == ["Enabled"]


def test_changed_environment_is_restored(cloud: Cloud) -> None:
    functions = cloud.stack.functions

    with functions.changed_worker_environment(FAULT_INJECTION="false", MORE="1"):
        assert functions.worker_environment() == {"FAULT_INJECTION": "false", "MORE": "1"}
        assert not functions.worker_injects_faults()

    assert functions.worker_environment() == {"FAULT_INJECTION": "true"}
    assert functions.worker_injects_faults()


def test_timeout_is_set(cloud: Cloud) -> None:
    cloud.stack.functions.set_worker_timeout(15)

    assert cloud.stack.functions.worker_timeout() == 15


def test_enabled_mapping_stays_as_it_is(cloud: Cloud) -> None:
    assert cloud.stack.functions.resume_worker() is False
    assert cloud.functions.calls["UpdateEventSourceMapping"] == 0


@pytest.mark.parametrize("mappings", [[], ["Enabled", "Enabled"]])
def test_missing_or_second_mapping_is_an_error(cloud: Cloud, mappings: list[str]) -> None:
    cloud.functions.mappings = mappings

    with pytest.raises(StackError, match=f"has {len(mappings)} event source mappings .* deploy"):
        cloud.stack.functions.resume_worker()
