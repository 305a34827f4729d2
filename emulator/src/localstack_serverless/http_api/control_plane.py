"""The API Gateway v2 API: moto's, with endpoints that `server.py` serves, and UpdateStage."""

import copy

from localstack import config
from localstack.aws.api import RequestContext, ServiceRequest, ServiceResponse
from localstack.aws.skeleton import Skeleton
from localstack.aws.spec import load_service
from localstack.services.moto import call_moto, call_moto_with_request
from localstack.services.plugins import Service
from localstack.state import StateVisitor
from moto.apigatewayv2.models import Stage, apigatewayv2_backends

from .addresses import PATH_PREFIX

SERVICE = "apigatewayv2"


def create_service() -> Service:
    model = load_service(SERVICE)
    table = dict.fromkeys(model.operation_names, _forward) | {"UpdateStage": _update_stage}
    service = Service(SERVICE, skeleton=Skeleton(model, table))
    service.accept_state_visitor = _accept_state_visitor
    return service


def _forward(context: RequestContext, _request: ServiceRequest) -> ServiceResponse:
    response = call_moto(context)
    for api in response.get("Items", [response]):
        if "ApiEndpoint" in api:
            api["ApiEndpoint"] = f"{config.external_service_url()}{PATH_PREFIX}{api['ApiId']}"
    return response


def _update_stage(context: RequestContext, request: ServiceRequest) -> ServiceResponse:
    reading = copy.copy(context)
    reading.operation = context.service.operation_model("GetStage")
    identity = {"ApiId": request["ApiId"], "StageName": request["StageName"]}
    # raises NotFoundException if there is no such stage
    call_moto_with_request(reading, identity)
    backend = apigatewayv2_backends[context.account_id][context.region]
    api = backend.get_api(request["ApiId"])
    old = api.stages[request["StageName"]]
    new = Stage(api, old.config | context.request.get_json())
    new.created = old.created
    api.stages[new.name] = new
    return call_moto_with_request(reading, identity)


def _accept_state_visitor(visitor: StateVisitor) -> None:
    visitor.visit(apigatewayv2_backends)
