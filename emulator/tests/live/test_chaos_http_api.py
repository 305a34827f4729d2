import pytest
import requests

from testing.chaos import Chaos
from testing.functions import ECHO, FunctionFactory
from testing.http_apis import Api, ApiFactory
from testing.queues import QueueFactory
from testing.target import Target

SENDER = """
import boto3, os
sqs = boto3.client("sqs")
def handler(event, context):
    sqs.send_message(QueueUrl=os.environ["QUEUE"], MessageBody="x")
    return {"statusCode": 202}
"""


@pytest.fixture
def api(api_of: ApiFactory, deploy: FunctionFactory) -> Api:
    return api_of({"$default": deploy(ECHO)})


def test_gateway_answers_with_the_error_of_the_rule(chaos: Chaos, api: Api) -> None:
    assert api.get().status_code == 200
    chaos.add(service="execute-api", operation="Invoke", resource=api.id, error={"statusCode": 502})
    answer = api.get()
    assert answer.status_code == 502
    assert answer.json() == {"message": "Operation failed due to a simulated fault"}
    chaos.heal()
    assert api.get().status_code == 200


def test_lost_response_is_of_a_request_that_took_effect(
    chaos: Chaos, api_of: ApiFactory, deploy: FunctionFactory, queue_of: QueueFactory
) -> None:
    queue = queue_of()
    api = api_of({"$default": deploy(SENDER, QUEUE=queue.url)})
    chaos.add(service="execute-api", resource=api.id, loseResponse=True)
    with pytest.raises(requests.ConnectionError, match="Connection aborted"):
        api.get()
    assert len(queue.receive()) == 1


def test_lost_response_over_tls(aws: Target, chaos: Chaos, api: Api) -> None:
    chaos.add(service="execute-api", resource=api.id, loseResponse=True)
    url = api.url.replace("http://", "https://")
    endpoint = aws.endpoint.replace("http://", "https://")
    with (
        pytest.warns(match="Unverified HTTPS request"),
        pytest.raises(requests.ConnectionError, match=r"Connection aborted|EOF|reset"),
    ):
        requests.get(
            endpoint + "/" + url.split("/", 3)[3],
            verify=False,  # noqa: S501 - the certificate is LocalStack's own
            timeout=10,
        )


def test_function_that_cannot_be_invoked_is_a_500(chaos: Chaos, api: Api) -> None:
    name = api.aws.apigatewayv2.get_integrations(ApiId=api.id)["Items"][0]["IntegrationUri"]
    chaos.add(service="lambda", operation="Invoke", resource=name.rpartition(":")[2])
    assert api.get().status_code == 500
