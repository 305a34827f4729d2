"""HTTP APIs as a handler of LocalStack's gateway, before it looks for an AWS service."""

from typing import Any

from localstack.aws.api import RequestContext
from localstack.aws.chain import Handler, HandlerChain
from localstack.http import Response

from .. import http1
from ..faults.injection import ResponseLostError
from ..gateway.lost_responses import lose_response
from .addresses import find_api
from .data_plane import Client, DataPlane
from .exchange import ApiResponse


class HttpApiHandler(Handler):
    def __init__(self, data_plane: DataPlane) -> None:
        self._data_plane = data_plane

    def __call__(self, chain: HandlerChain, context: RequestContext, response: Response) -> None:
        http = context.request
        # first and fast: this handler sees every call to LocalStack
        if not (found := find_api(_raw_target(http), http.headers.get("Host", ""))):
            return
        client = Client(
            http.remote_addr or "127.0.0.1", http.scheme, http.environ.get("SERVER_PORT", "")
        )
        try:
            answer = self._data_plane.serve(*found, _request(http), client)
        except ResponseLostError:
            lose_response(context)
        else:
            _fill(response, answer)
        chain.terminate()


def _request(http: Any) -> http1.Request:
    return http1.Request(
        http.method,
        _raw_target(http),
        list(http.headers.items()),
        http.get_data(),
        http.environ.get("SERVER_PROTOCOL", "HTTP/1.1").removeprefix("HTTP/"),
    )


def _raw_target(http: Any) -> str:
    return str(http.environ.get("RAW_URI") or http.full_path)


def _fill(response: Response, answer: ApiResponse) -> None:
    response.status_code = answer.status
    response.set_response(answer.body)
    response.headers.clear()
    for name, value in answer.headers:
        response.headers.add(name, value)
