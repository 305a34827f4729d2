"""LocalStack's services, called directly instead of through its gateway."""

from functools import lru_cache
from typing import Any

from localstack.aws.api import RequestContext
from localstack.aws.spec import load_service
from localstack.http import Request
from localstack.services.lambda_.invocation.lambda_service import LambdaService
from localstack.services.plugins import SERVICE_PLUGINS


def lambda_service() -> LambdaService:
    return provider("lambda").lambda_service


@lru_cache(maxsize=1024)
def context(service: str, account_id: str, region: str) -> RequestContext:
    """The context of calls to a service's provider, as the gateway would create it for one call.
    Providers only read it, so calls share it: creating one takes as long as a small call."""
    context = RequestContext(Request())
    context.service = load_service(service)
    context.protocol = "json"
    context.account_id = account_id
    context.region = region
    return context


def provider(service: str) -> Any:
    return SERVICE_PLUGINS.require(service)._provider


def operations(service: str) -> Any:
    """The service's operations by name; each is a function of a context and a request."""
    return SERVICE_PLUGINS.require(service).skeleton.dispatch_table
