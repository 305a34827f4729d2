"""Running experiments on a stack that fails or lacks something."""

from typing import NoReturn, cast

import pytest
from botocore.exceptions import EndpointConnectionError

from rdp.chaos.catalogue import BY_NAME
from rdp.chaos.findings import Verdict
from rdp.chaos.run import Runner
from rdp.stack import Stack


class StackThatDoesNotAnswer:
    target = "aws"

    def __getattr__(self, _name: str) -> NoReturn:
        raise EndpointConnectionError(endpoint_url="http://nowhere")


def _runner(said: list[str]) -> Runner:
    stack = cast("Stack", StackThatDoesNotAnswer())
    return Runner(stack, logs=10, seed=1, say=said.append, progress=said.append)


def test_stack_that_does_not_answer_leaves_the_verdict_unknown_and_the_run_goes_on() -> None:
    said: list[str] = []

    result = _runner(said).run(BY_NAME["noisy-tenant"])

    assert result.verdict is Verdict.UNKNOWN
    [finding] = result.findings
    assert finding.text == 'Could not connect to the endpoint URL: "http://nowhere"'
    assert any(line.startswith("  ?    ran to its end: ") for line in said)


@pytest.mark.parametrize(
    ("experiment", "needed"),
    [
        ("sqs-outage", "a LocalStack with the fault injection of emulator/"),
        ("freeze", "a local stack in a container (`make up RUNTIME=docker`)"),
    ],
)
def test_experiment_is_skipped_where_the_stack_lacks_what_it_needs(
    experiment: str, needed: str
) -> None:
    said: list[str] = []

    result = _runner(said).run(BY_NAME[experiment])

    assert result.word == "skipped"
    assert said[-1] == f"  skipped: it needs {needed}"
