"""The URLs of HTTP APIs.

An API answers at `http://localhost:4566/_aws/execute-api/<api-id>/<path>`, which resolves
everywhere, and at `http://<api-id>.execute-api.<anything>:4566/<path>`.
"""

import re

from moto.apigatewayv2.models import Api, Stage, apigatewayv2_backends

from .routes import DEFAULT

PATH_PREFIX = "/_aws/execute-api/"
HOST = re.compile(r"([a-z0-9]+)\.execute-api\.")


def find_api(target: str, host: str) -> tuple[Api, str] | None:
    """The API and the path below it, from either form of URL; None if there is no such API.

    :param target: the request's path and query, as the client sent it
    :param host: the Host header
    """
    path = target.partition("?")[0]
    if path.startswith(PATH_PREFIX):
        api_id, slash, rest = path.removeprefix(PATH_PREFIX).partition("/")
        path = slash + rest or "/"
    elif found := HOST.match(host):
        api_id = found[1]
    else:
        return None
    api = _api(api_id)
    return (api, path) if api else None


def find_stage(api: Api, path: str) -> tuple[Stage | None, str]:
    """The stage that the path's first segment names, else $default; and the path below it."""
    first, _, rest = path.lstrip("/").partition("/")
    if first in api.stages:
        return api.stages[first], f"/{rest}"
    return api.stages.get(DEFAULT), path


def _api(api_id: str) -> Api | None:
    for regions in apigatewayv2_backends.values():
        for backend in regions.values():
            if api := backend.apis.get(api_id):
                return api
    return None
