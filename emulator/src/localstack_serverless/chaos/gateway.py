"""Calls through LocalStack's gateway: clients' and, while there are faults, functions'."""

from typing import Any

from localstack.aws import handlers
from localstack.aws.api import CommonServiceException, RequestContext
from localstack.aws.chain import HandlerChain
from localstack.http import Response
from localstack.utils.patch import patch
from rolo.serving import twisted as serving
from twisted.internet import reactor
from twisted.internet.threads import blockingCallFromThread

from .faults import FAULTS, SIMULATED
from .rules import Call, Error, LostResponse

# of a request's WSGI environment
_TWISTED_REQUEST = "localstack_serverless.twisted_request"
_LOSES_RESPONSE = "localstack_serverless.loses_response"

# the parameters that name what a call is about: by its name, ARN or URL
_RESOURCE_PARAMETERS = ("QueueUrl", "QueueName", "TableName", "FunctionName")


def apply_patches() -> None:
    handlers.serve_custom_service_request_handlers.append(_meet_faults)
    handlers.run_custom_finalizers.append(_close_connection)

    @patch(serving.update_wsgi_environment)
    def update_wsgi_environment(update: Any, environ: dict[str, Any], request: Any) -> None:
        update(environ, request)
        environ[_TWISTED_REQUEST] = request


def lose_response(context: RequestContext) -> None:
    """Let the client see its connection closed in the place of the response."""
    context.request.environ[_LOSES_RESPONSE] = True


def _meet_faults(_chain: HandlerChain, context: RequestContext, _response: Response) -> None:
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
    """The name of the queue, table or function that a call is about; "" where there is none."""
    named = next((parameters[name] for name in _RESOURCE_PARAMETERS if parameters.get(name)), "")
    last = str(named).rpartition("/")[2]
    return last.rpartition("function:")[2].partition(":")[0]


def _close_connection(_chain: HandlerChain, context: RequestContext, _response: Response) -> None:
    environ = context.request.environ
    if _LOSES_RESPONSE in environ:
        connection = environ[_TWISTED_REQUEST].channel.transport
        # done before the response can be written
        blockingCallFromThread(reactor, connection.abortConnection)  # type: ignore[no-untyped-call]
