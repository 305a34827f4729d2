import json

import pytest
from localstack.services.sqs.exceptions import InvalidParameterValueException

from localstack_serverless.sqs.limits import check_delay, check_redrive_policy, check_visibility


@pytest.mark.parametrize("seconds", [None, 0, 900])
def test_delay_within_the_limit(seconds: int | None) -> None:
    check_delay(seconds)


@pytest.mark.parametrize("seconds", [-1, 901])
def test_delay_out_of_range(seconds: int) -> None:
    with pytest.raises(InvalidParameterValueException, match=f"^Value {seconds} for parameter"):
        check_delay(seconds)


@pytest.mark.parametrize("seconds", [-1, 12 * 3600 + 1])
def test_visibility_timeout_out_of_range(seconds: int) -> None:
    check_visibility(12 * 3600)
    with pytest.raises(InvalidParameterValueException, match="VisibilityTimeout is invalid"):
        check_visibility(seconds)


@pytest.mark.parametrize(
    ("queue", "dead_letter_queue", "is_allowed"),
    [
        ("jobs", "dead", True),
        ("jobs.fifo", "dead.fifo", True),
        ("jobs", "dead.fifo", False),
        ("jobs.fifo", "dead", False),
    ],
)
def test_dead_letter_queue_is_of_its_sources_type(
    queue: str, dead_letter_queue: str, is_allowed: bool
) -> None:
    arn = f"arn:aws:sqs:us-east-1:000000000000:{dead_letter_queue}"
    attributes = {"RedrivePolicy": json.dumps({"deadLetterTargetArn": arn, "maxReceiveCount": 1})}
    if is_allowed:
        check_redrive_policy(queue, attributes)
    else:
        with pytest.raises(InvalidParameterValueException, match="same type of queue"):
            check_redrive_policy(queue, attributes)


@pytest.mark.parametrize("attributes", [{}, {"RedrivePolicy": ""}])
def test_queue_without_a_redrive_policy(attributes: dict[str, str]) -> None:
    check_redrive_policy("jobs.fifo", attributes)
