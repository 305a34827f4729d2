import json
from typing import Any

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
    ("request_", "bound"),
    [
        ({"Timeout": 0}, "greater than or equal to 1"),
        ({"Timeout": 901}, "less than or equal to 900"),
        ({"MemorySize": 127}, "greater than or equal to 128"),
        ({"MemorySize": 10241}, "less than or equal to 10240"),
    ],
)
def test_setting_out_of_its_range_is_refused_with_the_range(
    request_: dict[str, int], bound: str
) -> None:
    with pytest.raises(ValidationException, match=bound):
        check_function(request_)


@pytest.mark.parametrize(
    "request_",
    [{}, {"Timeout": 900, "MemorySize": 128}, {"Environment": {"Variables": {"MINE": "1"}}}],
)
def test_other_settings_are_accepted(request_: dict[str, Any]) -> None:
    check_function(request_)


def test_reserved_variables_are_named() -> None:
    variables = {"MINE": "1", "AWS_REGION": "1", "_HANDLER": "1"}
    with pytest.raises(InvalidParameterValueException, match=r"AWS_REGION, _HANDLER$"):
        check_function({"Environment": {"Variables": variables}})
