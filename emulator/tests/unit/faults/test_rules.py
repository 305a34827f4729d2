from typing import Any

import pytest

from localstack_serverless.faults import rules
from localstack_serverless.faults.rules import Call, InvalidRuleError, Rule

PUT = Call("dynamodb", "PutItem", "eu-west-1", "logs")


def rule(**given: Any) -> Rule:
    [parsed] = rules.parse_rules([given])
    return parsed


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"service": "dynamodb"},
        {"operation": "PutItem"},
        {"region": "eu-west-1"},
        {"resource": "logs"},
        {"service": "dynamodb", "operation": "PutItem", "region": "eu-west-1", "resource": "logs"},
    ],
)
def test_rule_matches_by_what_it_names(given: dict[str, Any]) -> None:
    assert rule(**given).matches(PUT)


@pytest.mark.parametrize(
    "given",
    [
        {"service": "sqs"},
        {"service": "dynamodb", "operation": "GetItem"},
        {"service": "dynamodb", "region": "us-east-1"},
        {"resource": "others"},
    ],
)
def test_rule_does_not_match_where_anything_differs(given: dict[str, Any]) -> None:
    assert not rule(**given).matches(PUT)


def test_error_is_localstacks_where_none_is_given() -> None:
    default = {"status_code": 503, "code": "ServiceUnavailable"}
    assert rule().effect.model_dump() == default
    assert rule(error={"statusCode": 400}).effect.model_dump() == {**default, "status_code": 400}


@pytest.mark.parametrize(
    ("given", "problem"),
    [
        ({"servic": "sqs"}, "rule 0: servic: there is no such field"),
        ({"service": "sqss"}, "rule 0: service: there is no service 'sqss'"),
        (
            {"service": "sqs", "operation": "Send"},
            "rule 0: operation: service 'sqs' has no operation 'Send'",
        ),
        (
            {"service": "execute-api", "operation": "Call"},
            "rule 0: operation: service 'execute-api' has no operation 'Call'",
        ),
        ({"probability": 1.5}, "rule 0: probability: Input should be less than or equal to 1"),
        ({"probability": "1"}, "rule 0: probability: Input should be a valid number"),
        ({"seconds": 0}, "rule 0: seconds: Input should be greater than 0"),
        ({"error": {"statusCode": 200}}, "rule 0: error.statusCode: "),
        ({"error": {"status": 503}}, "rule 0: error.status: there is no such field"),
        ({"loseResponse": False}, "rule 0: loseResponse: Input should be True"),
        ({"delivery": {"kind": "twice"}}, "rule 0: delivery: "),
        (
            {"delivery": {"kind": "duplicate", "delaySeconds": 901}},
            "rule 0: delivery.delaySeconds: ",
        ),
        (
            {"invocation": {"action": "aws:lambda:invocation-add-delay"}},
            "rule 0: invocation.startupDelayMilliseconds: Field required",
        ),
        ({"seconds": float("inf")}, "rule 0: seconds: Input should be a finite number"),
        ({"resource": ""}, "rule 0: resource: String should have at least 1 character"),
        ({"invocation": {"action": "kill"}, "service": "sqs"}, "a rule with invocation has no"),
        ({"delivery": {"kind": "duplicate"}, "operation": "X"}, "a rule with delivery has no"),
        ({"loseResponse": True, "error": {}}, "rule 0: give one of error, loseResponse"),
    ],
)
def test_refusal_names_the_field(given: dict[str, Any], problem: str) -> None:
    with pytest.raises(InvalidRuleError) as refusal:
        rule(**given)
    assert problem in str(refusal.value)


def test_refusal_names_the_rule() -> None:
    with pytest.raises(InvalidRuleError, match=r"^rule 1: region: "):
        rules.parse_rules([{}, {"region": 1}])


@pytest.mark.parametrize("given", [{}, None, "x", {"service": "sqs"}])
def test_rules_are_a_list(given: Any) -> None:
    with pytest.raises(InvalidRuleError, match="must be a list"):
        rules.parse_rules(given)


def test_rule_is_listed_as_it_was_given() -> None:
    given = {"service": "sqs", "error": {"code": "Throttled"}, "probability": 0.5}
    assert rule(**given).as_given() == given
