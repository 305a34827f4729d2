"""Responses that get lost: the client sees its connection closed instead."""

from typing import Any

from localstack.aws.api import RequestContext
from localstack.aws.chain import HandlerChain
from localstack.http import Response
from twisted.internet import reactor
from twisted.internet.threads import blockingCallFromThread

# keys of a request's WSGI environment
_TWISTED_REQUEST = "localstack_serverless.twisted_request"
_LOSES_RESPONSE = "localstack_serverless.loses_response"


def lose_response(context: RequestContext) -> None:
    """Close the client's connection instead of sending it the response to this request."""
    context.request.environ[_LOSES_RESPONSE] = True


def keep_twisted_request(update: Any, environ: dict[str, Any], request: Any) -> None:
    """Wraps rolo's update_wsgi_environment."""
    update(environ, request)
    environ[_TWISTED_REQUEST] = request


def close_connection(_chain: HandlerChain, context: RequestContext, _response: Response) -> None:
    """A finalizer in LocalStack's handler chain."""
    environ = context.request.environ
    if _LOSES_RESPONSE in environ:
        connection = environ[_TWISTED_REQUEST].channel.transport
        # wait for it: otherwise the response could be written first
        blockingCallFromThread(reactor, connection.abortConnection)  # type: ignore[no-untyped-call]
