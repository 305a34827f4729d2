"""The fixtures of the suite, as a pytest plugin."""

import itertools
import time
import uuid
from collections.abc import Callable, Generator, Iterator

import pytest

from e2e.tenant import Tenant
from rdp.checkout import process_lock
from rdp.deployment import Deployment, DeploymentError
from rdp.stack import Stack

RUN = f"e2e-{uuid.uuid4().hex[:8]}"
ALONE = "alone"


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line(
        "markers",
        f"{ALONE}: changes the stack for all, so no test of another process may run",
    )


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, bool | None, bool | None]:
    """Locks before the test's fixtures of any scope, because one of them may change the stack."""
    alone = item.get_closest_marker(ALONE) is not None
    with process_lock("stack", shared=not alone):
        return (yield)


@pytest.fixture(scope="session")
def stack() -> Iterator[Stack]:
    """The running stack that TARGET and STACK_OUTPUTS name. Without one the test run ends."""
    try:
        stack = Stack(Deployment.from_environment())
    except DeploymentError as error:
        pytest.exit(f"no stack to test: {error}", returncode=1)
    yield stack
    stack.dead_letters.delete(lambda letter: str(letter.fields.get("tenant_id")).startswith(RUN))


@pytest.fixture(scope="session", autouse=True)
def run_started() -> float:
    """Seconds since the epoch."""
    return time.time()


@pytest.fixture(scope="session")
def _numbers() -> Iterator[int]:
    return itertools.count(1)


@pytest.fixture
def new_tenant(stack: Stack, _numbers: Iterator[int]) -> Iterator[Callable[[], Tenant]]:
    """Makes tenants that no other test or run uses."""
    tenants: list[Tenant] = []

    def make() -> Tenant:
        tenants.append(Tenant(stack, f"{RUN}-{next(_numbers)}"))
        return tenants[-1]

    yield make
    for tenant in reversed(tenants):
        tenant.clean_up()


@pytest.fixture
def tenant(new_tenant: Callable[[], Tenant]) -> Tenant:
    return new_tenant()


@pytest.fixture
def fault_injection(stack: Stack) -> None:
    if not stack.functions.worker_injects_faults():
        pytest.skip("the deployed worker ignores faults: its FAULT_INJECTION is not true")
