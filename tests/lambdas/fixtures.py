"""Fixtures of the tests of lambdas/, as a pytest plugin."""

from collections.abc import Iterator

import pytest
from hypothesis import settings

from tests.lambdas.api.client import ApiClient
from tests.lambdas.aws import InMemoryQueue, InMemoryTable
from tests.lambdas.journal import Journal
from tests.lambdas.worker.runner import BatchRunner

# On a busy machine any example may take long.
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")


@pytest.fixture
def queue() -> Iterator[InMemoryQueue]:
    with InMemoryQueue().attached() as service:
        yield service


@pytest.fixture
def table() -> Iterator[InMemoryTable]:
    with InMemoryTable().attached() as service:
        yield service


@pytest.fixture
def journal(capsys: pytest.CaptureFixture[str]) -> Journal:
    return Journal(capsys)


@pytest.fixture
def api(queue: InMemoryQueue, journal: Journal) -> ApiClient:
    return ApiClient.create(queue, journal.telemetry)


@pytest.fixture
def run(queue: InMemoryQueue, table: InMemoryTable, journal: Journal) -> BatchRunner:
    return BatchRunner(queue, table, journal.telemetry)
