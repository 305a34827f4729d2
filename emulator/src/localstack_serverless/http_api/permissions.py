"""Whether a function's resource-based policy lets an API invoke it.

https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-troubleshooting-lambda.html
"""

import fnmatch
import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from .exchange import ApiRequest

PRINCIPAL = "apigateway.amazonaws.com"
ACTIONS = frozenset({"lambda:InvokeFunction", "lambda:*", "*"})

type Statements = list[Mapping[str, Any]]


class Permissions:
    """Caches each verdict until the policy's statements change."""

    def __init__(self) -> None:
        self._verdicts: dict[tuple[str, str], tuple[Statements, bool]] = {}

    def allow(self, function_arn: str, statements: Statements, source_arn: str) -> bool:
        known = self._verdicts.get((function_arn, source_arn))
        if known and known[0] == statements:
            return known[1]
        verdict = is_allowed(statements, source_arn)
        self._verdicts[function_arn, source_arn] = [*statements], verdict
        return verdict


def source_arn(partition: str, request: ApiRequest) -> str:
    """The SourceArn of a request: `<api>/<stage>/<method>/<route's path>`, or
    `<api>/<stage>/$default` (https://github.com/aws/serverless-application-model/issues/1860).
    """
    _, space, path = request.route_key.partition(" ")
    route = f"{request.method}{path}" if space else request.route_key
    return (
        f"arn:{partition}:execute-api:{request.region}:{request.account_id}:"
        f"{request.api_id}/{request.stage}/{route}"
    )


def is_allowed(statements: Statements, source_arn: str) -> bool:
    return any(_allows(statement, source_arn) for statement in statements)


def _allows(statement: Mapping[str, Any], source_arn: str) -> bool:
    principal = statement["Principal"]
    is_api_gateway = principal == "*" or principal.get("Service") == PRINCIPAL
    if not is_api_gateway or statement["Effect"] != "Allow" or statement["Action"] not in ACTIONS:
        return False
    return all(
        _holds(operator, key, value, source_arn)
        for operator, keys in statement.get("Condition", {}).items()
        for key, value in keys.items()
    )


def _holds(operator: str, key: str, value: str, source_arn: str) -> bool:
    """Whether a condition holds; one on a key that API Gateway does not give never does."""
    match operator, key.lower():
        case "ArnLike", "aws:sourcearn":
            return _arn_like(value, source_arn)
        case "StringEquals", "aws:sourceaccount":
            return value == source_arn.split(":")[4]
    return False


def _arn_like(pattern: str, arn: str) -> bool:
    """Compare by the six components of an ARN; a wildcard does not span components."""
    expected, actual = pattern.split(":", 5), arn.split(":", 5)
    return len(expected) == len(actual) and all(
        _glob(part).fullmatch(value) for part, value in zip(expected, actual, strict=True)
    )


@lru_cache(maxsize=1024)
def _glob(pattern: str) -> re.Pattern[str]:
    # IAM's patterns know * and ?, and take brackets literally
    return re.compile(fnmatch.translate(pattern.replace("[", "[[]")))
