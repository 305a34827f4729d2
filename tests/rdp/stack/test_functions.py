"""The functions' settings: changed, and restored whatever happens."""

import pytest

from tests.rdp.cloud import Cloud


@pytest.fixture(autouse=True)
def no_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("time.sleep", lambda _seconds: None)


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
