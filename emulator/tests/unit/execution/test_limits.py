import json

import pytest
from localstack.aws.api.lambda_ import (
    InvalidParameterValueException,
    InvalidRequestContentException,
    RequestTooLargeException,
)
from localstack.services.lambda_.invocation.lambda_models import ValidationException

from localstack_serverless.execution.limits import MIB, check_function, check_payload


def payload(size: int) -> bytes:
    return json.dumps("x" * (size - 2)).encode()


@pytest.mark.parametrize(
    ("size", "invocation_type"), [(6 * MIB, None), (6 * MIB, "RequestResponse"), (MIB, "Event")]
)
def test_payload_may_have_the_limit_and_no_byte_more(
    size: int, invocation_type: str | None
) -> None:
    check_payload(payload(size), invocation_type)
    with pytest.raises(RequestTooLargeException, match=f"limit {size} bytes"):
        check_payload(payload(size + 1), invocation_type)


def test_payload_is_json_or_empty() -> None:
    check_payload(b"", None)
    with pytest.raises(InvalidRequestContentException):
        check_payload(b"{", None)


@pytest.mark.parametrize(
    ("setting", "edge", "beyond", "bound"),
    [
        ("Timeout", 1, 0, "greater than or equal to 1"),
        ("Timeout", 900, 901, "less than or equal to 900"),
        ("MemorySize", 128, 127, "greater than or equal to 128"),
        ("MemorySize", 10240, 10241, "less than or equal to 10240"),
    ],
)
def test_setting_is_accepted_up_to_the_edge_of_its_range(
    setting: str, edge: int, beyond: int, bound: str
) -> None:
    check_function({setting: edge})
    with pytest.raises(ValidationException, match=bound):
        check_function({setting: beyond})


def test_only_reserved_variables_are_refused_by_name() -> None:
    check_function({"Environment": {"Variables": {"MINE": "1"}}})
    variables = {"MINE": "1", "AWS_REGION": "1", "_HANDLER": "1"}
    with pytest.raises(InvalidParameterValueException, match=r"AWS_REGION, _HANDLER$"):
        check_function({"Environment": {"Variables": variables}})
