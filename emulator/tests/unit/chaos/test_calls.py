import pytest

from localstack_serverless.chaos.calls import resource_name


@pytest.mark.parametrize(
    ("parameters", "name"),
    [
        ({"QueueUrl": "http://localhost:4566/000000000000/jobs"}, "jobs"),
        ({"QueueName": "jobs"}, "jobs"),
        ({"TableName": "logs"}, "logs"),
        ({"TableName": "arn:aws:dynamodb:us-east-1:000000000000:table/logs"}, "logs"),
        ({"FunctionName": "worker"}, "worker"),
        ({"FunctionName": "worker:live"}, "worker"),
        ({"FunctionName": "arn:aws:lambda:us-east-1:000000000000:function:worker:1"}, "worker"),
        ({"FunctionName": "000000000000:function:worker"}, "worker"),
        ({"Bucket": "b"}, ""),
    ],
)
def test_resource_is_named_by_name_arn_or_url(parameters: dict[str, str], name: str) -> None:
    assert resource_name(parameters) == name
