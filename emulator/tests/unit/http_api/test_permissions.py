from collections.abc import Mapping
from typing import Any

import pytest

from localstack_serverless.http_api.permissions import Permissions, is_allowed

SOURCE = "arn:aws:execute-api:us-east-1:000000000000:abc/dev/GET/pets/{id}"


def statement(**changes: Any) -> dict[str, Any]:
    return {
        "Effect": "Allow",
        "Action": "lambda:InvokeFunction",
        "Principal": {"Service": "apigateway.amazonaws.com"},
        **changes,
    }


def from_arn(pattern: str) -> dict[str, Any]:
    return statement(Condition={"ArnLike": {"AWS:SourceArn": pattern}})


@pytest.mark.parametrize(
    "pattern",
    [
        SOURCE,
        "arn:aws:execute-api:us-east-1:000000000000:abc/*",
        "arn:aws:execute-api:us-east-1:000000000000:abc/*/*",
        "arn:aws:execute-api:us-east-1:000000000000:abc/*/*/pets/{id}",
        "arn:aws:execute-api:us-east-1:000000000000:abc/dev/?ET/pets/{id}",
        "arn:aws:execute-api:*:*:*",
    ],
)
def test_source_arn_that_matches(pattern: str) -> None:
    assert is_allowed([from_arn(pattern)], SOURCE)


@pytest.mark.parametrize(
    "pattern",
    [
        "arn:aws:execute-api:us-east-1:000000000000:other/*",
        "arn:aws:execute-api:us-east-1:000000000000:abc/prod/*",
        "arn:aws:execute-api:us-east-1:000000000000:abc/*/POST/pets/{id}",
        "arn:aws:execute-api:us-east-1:000000000000:abc/*/[A-Z]ET/pets/{id}",
        "arn:aws:execute-api:*",
        "*",
    ],
)
def test_source_arn_that_does_not_match(pattern: str) -> None:
    assert not is_allowed([from_arn(pattern)], SOURCE)


@pytest.mark.parametrize(
    "changes",
    [
        {"Principal": {"Service": "s3.amazonaws.com"}},
        {"Principal": {"AWS": "arn:aws:iam::000000000000:root"}},
        {"Action": "lambda:GetFunction"},
        {"Condition": {"StringEquals": {"AWS:SourceAccount": "111111111111"}}},
        {"Condition": {"StringEquals": {"aws:PrincipalOrgID": "o-1"}}},
    ],
)
def test_statement_for_another_principal_action_or_account(changes: dict[str, Any]) -> None:
    assert not is_allowed([statement(**changes)], SOURCE)


def test_one_statement_of_several_is_enough() -> None:
    other = statement(Principal={"Service": "s3.amazonaws.com"})
    own = statement(Condition={"StringEquals": {"AWS:SourceAccount": "000000000000"}})
    assert is_allowed([other, own], SOURCE)


def test_verdict_follows_the_policy() -> None:
    permissions = Permissions()
    policy: list[Mapping[str, Any]] = []
    assert not permissions.allow("function", policy, SOURCE)
    policy.append(statement())
    assert permissions.allow("function", policy, SOURCE)
    policy.clear()
    assert not permissions.allow("function", policy, SOURCE)
