"""The API Gateway v2 API: moto's, but that an API's endpoint is one that answers here."""

from localstack import config
from localstack.aws.api import RequestContext, ServiceRequest, ServiceResponse
from localstack.aws.skeleton import Skeleton
from localstack.aws.spec import load_service
from localstack.services.moto import call_moto
from localstack.services.plugins import Service
from localstack.state import StateVisitor
from moto.apigatewayv2.models import apigatewayv2_backends

from .gateway import PATH_PREFIX

SERVICE = "apigatewayv2"


def create_service() -> Service:
    model = load_service(SERVICE)
    table = dict.fromkeys(model.operation_names, _forward)
    service = Service(SERVICE, skeleton=Skeleton(model, table))
    service.accept_state_visitor = _accept_state_visitor
    return service


def _forward(context: RequestContext, _request: ServiceRequest) -> ServiceResponse:
    response = call_moto(context)
    for api in response.get("Items", [response]):
        if "ApiEndpoint" in api:
            api["ApiEndpoint"] = f"{config.external_service_url()}{PATH_PREFIX}{api['ApiId']}"
    return response


def _accept_state_visitor(visitor: StateVisitor) -> None:
    visitor.visit(apigatewayv2_backends)
