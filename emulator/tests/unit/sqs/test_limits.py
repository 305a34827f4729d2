import json

import pytest
from localstack.services.sqs.exceptions import InvalidParameterValueException

from localstack_serverless.sqs.limits import check_delay, check_redrive_policy, check_visibility


@pytest.mark.parametrize(("edge", "beyond"), [(0, -1), (900, 901), (None, 901)])
def test_delay_is_accepted_up_to_the_edge(edge: int | None, beyond: int) -> None:
    check_delay(edge)
    with pytest.raises(InvalidParameterValueException, match=f"^Value {beyond} for parameter"):
        check_delay(beyond)


@pytest.mark.parametrize(("edge", "beyond"), [(0, -1), (12 * 3600, 12 * 3600 + 1)])
def test_visibility_timeout_is_accepted_up_to_the_edge(edge: int, beyond: int) -> None:
    check_visibility(edge)
    with pytest.raises(InvalidParameterValueException, match="VisibilityTimeout is invalid"):
        check_visibility(beyond)


@pytest.mark.parametrize(
    ("queue", "own_type", "other_type"),
    [("jobs", "dead", "dead.fifo"), ("jobs.fifo", "dead.fifo", "dead")],
)
def test_dead_letter_queue_is_of_its_sources_type(
    queue: str, own_type: str, other_type: str
) -> None:
    for attributes in ({}, {"RedrivePolicy": ""}, redrive_to(own_type)):
        check_redrive_policy(queue, attributes)
    with pytest.raises(InvalidParameterValueException, match="same type of queue"):
        check_redrive_policy(queue, redrive_to(other_type))


def redrive_to(name: str) -> dict[str, str]:
    arn = f"arn:aws:sqs:us-east-1:000000000000:{name}"
    return {"RedrivePolicy": json.dumps({"deadLetterTargetArn": arn, "maxReceiveCount": 1})}
