from typing import Any

import pytest
from localstack_serverless.chaos import rules
from localstack_serverless.chaos.faults import (
    FaultInjection,
    ResponseLostError,
    SimulatedError,
    faults,
    pass_call,
)
from localstack_serverless.chaos.rules import Call, Effects, Error, LostResponse

PUT = Call("dynamodb", "PutItem", "eu-west-1", "logs")
QUEUE = Call("sqs", "", "eu-west-1", "jobs")


def injection(*given: Any) -> FaultInjection:
    injection = FaultInjection()
    injection.reseed(7)
    injection.replace(rules.parse_rules([*given]))
    return injection
