"""A function's own calls of AWS."""

from localstack_serverless import http1
from localstack_serverless.execution.aws_calls import DirectAwsCalls


def test_connection_of_a_call_that_goes_to_the_gateway_ends_with_its_response() -> None:
    """Otherwise the later calls on the connection would go there as well."""
    request = http1.Request("POST", "/", [("X-Amz-Target", "AmazonSQS.ListQueues")], b"{}")

    assert DirectAwsCalls().answer(request) is None

    assert b"Connection: close\r\n" in request.encode()
