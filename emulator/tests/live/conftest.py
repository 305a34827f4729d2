from collections.abc import Iterator

import pytest

from conformance.target import Target, unique_name

from .chaos import Chaos


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
