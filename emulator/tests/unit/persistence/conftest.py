from collections.abc import Iterator

import pytest
from localstack.services.sqs.models import StandardQueue, sqs_stores


@pytest.fixture
def queue() -> Iterator[StandardQueue]:
    """An empty queue that LocalStack knows."""
    store = sqs_stores["000000000000"]["us-east-1"]
    store.queues["queue"] = StandardQueue("queue", "us-east-1", "000000000000")
    yield store.queues["queue"]
    del store.queues["queue"]
