"""Faults of calls through LocalStack's gateway: clients' calls, and the functions' own calls while
there are faults."""

from typing import Any

from localstack.aws.api import CommonServiceException, RequestContext
from localstack.aws.chain import HandlerChain
from localstack.http import Response

from ..faults.injection import FAULTS, SIMULATED
from ..faults.rules import Call, Error, LostResponse
from ..gateway.lost_responses import lose_response

# parameters that identify the resource of a call, by name, ARN or URL
_RESOURCE_PARAMETERS = ("QueueUrl", "QueueName", "TableName", "FunctionName")


def meet_faults(_chain: HandlerChain, context: RequestContext, _response: Response) -> None:
    """A request handler in LocalStack's handler chain, after the request was parsed."""
    if not FAULTS.on_calls or context.is_internal_call or not context.service_operation:
        return
    service, operation = context.service_operation
    resource = resource_name(context.service_request or {})
    effect = FAULTS.meet(Call(service, operation, context.region, resource))
    if isinstance(effect, Error):
        raise CommonServiceException(effect.code, SIMULATED, effect.status_code)
    if isinstance(effect, LostResponse):
        lose_response(context)


def resource_name(parameters: Any) -> str:
    """The name of the queue, table or function of a call; "" if the call names none."""
    named = next((parameters[name] for name in _RESOURCE_PARAMETERS if parameters.get(name)), "")
    last = str(named).rpartition("/")[2]
    return last.rpartition("function:")[2].partition(":")[0]
