from collections.abc import Iterator

import pytest

from conformance.target import Target

from .chaos import Chaos


@pytest.fixture
def chaos(aws: Target) -> Iterator[Chaos]:
    chaos = Chaos(aws)
    try:
        yield chaos
    finally:
        chaos.heal()
