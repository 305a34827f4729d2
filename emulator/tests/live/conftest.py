from collections.abc import Iterator

import pytest
import requests

from testing.chaos import Chaos
from testing.target import Target, unique_name


@pytest.fixture
def same_machine(aws: Target) -> None:
    """Skips the test unless LocalStack and its functions see the test's files and sockets."""
    info = requests.get(f"{aws.endpoint}/_localstack/info", timeout=10).json()
    if info["is_docker"]:
        pytest.skip("LocalStack runs in a container, which sees no files and sockets of the tests")


@pytest.fixture
def chaos(aws: Target) -> Iterator[Chaos]:
    chaos = Chaos(aws)
    try:
        yield chaos
    finally:
        chaos.heal()


@pytest.fixture
def table(aws: Target) -> Iterator[str]:
    """The name of a new table with the key `id`."""
    name = unique_name()
    aws.dynamodb.create_table(
        TableName=name,
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    yield name
    aws.dynamodb.delete_table(TableName=name)
