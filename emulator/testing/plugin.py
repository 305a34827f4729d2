"""Options and fixtures of tests against a running stack, as a pytest plugin."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import cache

import pytest

from .consumers import ConsumerFactory
from .functions import ECHO, Function, FunctionFactory
from .http_apis import Api, ApiFactory
from .queues import QueueFactory
from .roles import create_role
from .target import Target, default_endpoint

REGION = "us-east-1"
RUNTIME = "python3.11"


def pytest_addoption(parser: pytest.Parser) -> None:
    options = parser.getgroup("aws", "the AWS under test")
    options.addoption(
        "--endpoint",
        default=default_endpoint(),
        help="an emulator's URL, or aws for AWS itself with the environment's credentials"
        " (default: $AWS_ENDPOINT_URL, or http://localhost:4566)",
    )
    options.addoption("--region", default=REGION, help="default: %(default)s")
    options.addoption(
        "--role", help="ARN of the functions' execution role (default: the suite creates one)"
    )
    options.addoption(
        "--runtime", default=RUNTIME, help="of the functions that the suite deploys: %(default)s"
    )


@pytest.fixture(scope="session")
def aws(pytestconfig: pytest.Config) -> Target:
    return Target(pytestconfig.getoption("--endpoint"), pytestconfig.getoption("--region"))


@pytest.fixture(scope="session")
def role(aws: Target, pytestconfig: pytest.Config) -> Iterator[Callable[[], str]]:
    """The execution role's ARN; created when the first function needs it."""
    with ExitStack() as cleanup:
        yield cache(lambda: pytestconfig.getoption("--role") or create_role(aws, cleanup))


@pytest.fixture
def deploy(
    aws: Target, role: Callable[[], str], pytestconfig: pytest.Config
) -> Iterator[FunctionFactory]:
    with ExitStack() as cleanup:
        yield FunctionFactory(aws, role, pytestconfig.getoption("--runtime"), cleanup)


@pytest.fixture(scope="session")
def shared(
    aws: Target, role: Callable[[], str], pytestconfig: pytest.Config
) -> Iterator[Callable[[str], Function]]:
    """shared(code): a function that tests share and must not change."""
    with ExitStack() as cleanup:
        yield cache(FunctionFactory(aws, role, pytestconfig.getoption("--runtime"), cleanup))


@pytest.fixture
def api_of(aws: Target) -> Iterator[ApiFactory]:
    with ExitStack() as cleanup:
        yield ApiFactory(aws, cleanup)


@pytest.fixture(scope="session")
def shared_api(aws: Target) -> Iterator[ApiFactory]:
    """Like `api_of`, for APIs that tests share."""
    with ExitStack() as cleanup:
        yield ApiFactory(aws, cleanup)


@pytest.fixture(scope="session")
def echo(shared_api: ApiFactory, shared: Callable[[str], Function]) -> Api:
    """An HTTP API whose $default route answers with its event."""
    return shared_api({"$default": shared(ECHO)})


@pytest.fixture
def queue_of(aws: Target) -> Iterator[QueueFactory]:
    with ExitStack() as cleanup:
        yield QueueFactory(aws, cleanup)


@pytest.fixture
def consume(queue_of: QueueFactory, deploy: FunctionFactory) -> ConsumerFactory:
    return ConsumerFactory(deploy, queue_of)
