"""The functions on another runtime than the default."""

from collections.abc import Iterator

import pytest

from e2e.commands import make
from e2e.tenant import DEADLINE_SECONDS, REDACTED_TEXT, Tenant
from rdp import checkout
from rdp.stack import Fault, Part, Stack
from rdp.target import Target
from rdp.waiting import wait_until

pytestmark = pytest.mark.alone

RUNTIME = "python3.13"


@pytest.fixture
def runtime(stack: Stack) -> Iterator[None]:
    """Both functions run on RUNTIME."""
    if stack.target is Target.LOCAL:
        if checkout.runtime() == "docker":
            pytest.skip("the image of the emulator has the runtime python3.11 only")
        installed = make("runtime", f"PYTHON={RUNTIME}")
        assert installed.returncode == 0, installed.stderr
    with stack.functions.changed_runtime(RUNTIME):
        yield


@pytest.mark.usefixtures("runtime")
def test_log_becomes_a_record(stack: Stack, tenant: Tenant, run_started: float) -> None:
    # https://docs.aws.amazon.com/lambda/latest/dg/runtimes-update.html#runtime-management-identify
    started = "Runtime Version: python:3.13"
    assert tenant.post_json(log_id="log").status_code == 202

    assert tenant.wait_for_record("log").modified_data == REDACTED_TEXT
    for part in (Part.API, Part.WORKER):
        wait_until(
            lambda part=part: stack.logs.of(part, since=run_started),  # type: ignore[misc]
            lambda lines: any(started in line.text for line in lines),
            deadline=DEADLINE_SECONDS,
            what=f"a start of the {part} on {RUNTIME}",
        )


@pytest.mark.usefixtures("runtime", "fault_injection")
def test_retry_in_a_child_process_becomes_a_record(tenant: Tenant) -> None:
    tenant.enqueue(tenant.message("log"), Fault("transient", attempts=1))

    tenant.wait_for_record("log", where=lambda record: record.attempt == 2)
