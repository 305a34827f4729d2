from math import ceil, floor

import pytest
from botocore.exceptions import (
    ClientError,
    EndpointConnectionError,
    ParamValidationError,
    ReadTimeoutError,
)
from hypothesis import given
from hypothesis import strategies as st

from pipeline.errors import InvalidInputError, PermanentError, TooLargeError, TransientError
from tests.lambdas.builders import WORKER_SETTINGS
from worker.retry import Backoff, is_of_the_store, is_permanent


def refusal(code: str) -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": ""}}, "PutItem")


@pytest.mark.parametrize(
    "error",
    [
        PermanentError("no"),
        InvalidInputError("no"),
        TooLargeError("no"),
        refusal("ValidationException"),
        ParamValidationError(report="no"),
    ],
)
def test_error_of_the_message_is_permanent(error: Exception) -> None:
    assert is_permanent(error)


@pytest.mark.parametrize(
    "error",
    [
        TransientError("later"),
        refusal("ProvisionedThroughputExceededException"),
        refusal("ThrottlingException"),
        refusal("InternalServerError"),
        refusal("ResourceNotFoundException"),
        refusal("AccessDeniedException"),
        ReadTimeoutError(endpoint_url="https://dynamodb"),
        EndpointConnectionError(endpoint_url="https://dynamodb"),
        MemoryError(),
        KeyError("a bug may be fixed"),
    ],
)
def test_error_around_the_message_is_transient(error: Exception) -> None:
    assert not is_permanent(error)


@given(
    attempt=st.integers(1, 1000),
    base=st.floats(0, 300),
    factor=st.integers(1, 10),
    maximum=st.integers(1, 43_200),
    least=st.floats(0, 1),
)
def test_delay_grows_up_to_a_maximum(
    attempt: int, base: float, factor: int, maximum: int, least: float
) -> None:
    backoff = Backoff(base=base, factor=factor, maximum=maximum, least=least)

    seconds = backoff.seconds(attempt)

    assert 1 <= seconds <= maximum
    assert seconds <= max(1, ceil(base * factor ** min(attempt - 1, 16)))
    assert seconds >= floor(min(maximum, base * factor ** min(attempt - 1, 3)) * least)


def test_delay_jitters_between_its_least_share_and_the_whole() -> None:
    backoff = Backoff(base=1, factor=2, maximum=300, least=0.5)

    assert {backoff.seconds(4) for _ in range(1000)} == {5, 6, 7, 8}


def test_outage_of_the_table_for_15_minutes_leaves_an_attempt() -> None:
    backoff, attempts = WORKER_SETTINGS.store_retry, WORKER_SETTINGS.max_receive_count

    for _ in range(1000):
        delays = [backoff.seconds(attempt) for attempt in range(1, attempts)]
        assert sum(delays) > 15 * 60
        # an ordinary throttled write does not wait long
        assert delays[0] <= 5


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (refusal("ThrottlingException"), True),
        (ReadTimeoutError(endpoint_url="https://dynamodb"), True),
        (TransientError("later"), False),
        (MemoryError(), False),
    ],
)
def test_only_errors_of_aws_calls_are_of_the_store(error: Exception, expected: bool) -> None:
    assert is_of_the_store(error) is expected
