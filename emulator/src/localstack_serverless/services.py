"""LocalStack's services, called in this process instead of through its gateway."""

from typing import Any

from localstack.aws.api import RequestContext
from localstack.aws.spec import load_service
from localstack.http import Request
from localstack.services.lambda_.invocation.lambda_service import LambdaService
from localstack.services.plugins import SERVICE_PLUGINS


def lambda_service() -> LambdaService:
    return _provider("lambda").lambda_service


def sqs_provider() -> Any:
    return _provider("sqs")


def sqs_context(account_id: str, region: str) -> RequestContext:
    """The context of a call to the SQS provider, as the gateway would have made it."""
    context = RequestContext(Request())
    context.service = load_service("sqs")
    context.protocol = "json"
    context.account_id = account_id
    context.region = region
    return context


def _provider(service: str) -> Any:
    return SERVICE_PLUGINS.require(service)._provider
