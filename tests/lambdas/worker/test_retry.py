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
from worker.retry import backoff, is_permanent


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
    base=st.integers(1, 300),
    maximum=st.integers(1, 43_200),
)
def test_backoff_stays_below_a_ceiling_that_doubles(attempt: int, base: int, maximum: int) -> None:
    seconds = backoff(attempt, base=base, maximum=maximum)

    assert 1 <= seconds <= maximum
    assert seconds <= base * 2 ** (attempt - 1)


def test_backoff_jitters_over_the_whole_range() -> None:
    seen = {backoff(4, base=1, maximum=300) for _ in range(1000)}

    assert seen == set(range(1, 9))
