"""The endpoints below /_localstack/chaos: set, list and remove faults."""

import json
from collections.abc import Callable
from functools import wraps
from typing import Any

from localstack.http import Request, Resource, Response
from localstack.services.internal import get_internal_apis
from localstack.services.lambda_.invocation.models import lambda_stores

from ..execution import environments
from ..faults.injection import FAULTS
from ..faults.rules import Effects, InvalidRuleError, Killing, Seed, parse, parse_rules

PATH = "/_localstack/chaos"

type _Answer[R] = Callable[[R, Request], Response]


def _refusing[R](answer: _Answer[R]) -> _Answer[R]:
    """Answer 400 with the reason if the body is not valid."""

    @wraps(answer)
    def answer_or_refuse(resource: R, request: Request) -> Response:
        try:
            return answer(resource, request)
        except InvalidRuleError as error:
            return _json({"error": str(error)}, 400)

    return answer_or_refuse


class FaultsResource:
    def on_get(self, _request: Request) -> Response:
        return _json([rule.as_given() for rule in FAULTS.rules])

    @_refusing
    def on_post(self, request: Request) -> Response:
        FAULTS.replace(parse_rules(_body(request)))
        return self.on_get(request)

    @_refusing
    def on_patch(self, request: Request) -> Response:
        FAULTS.add(parse_rules(_body(request)))
        return self.on_get(request)

    @_refusing
    def on_delete(self, request: Request) -> Response:
        FAULTS.remove(parse_rules(_body(request)))
        return self.on_get(request)


class EffectsResource:
    def on_get(self, _request: Request) -> Response:
        return _json({"latency": 0} | FAULTS.effects.as_given())

    @_refusing
    def on_post(self, request: Request) -> Response:
        FAULTS.set_effects(parse(Effects, _body(request)))
        return self.on_get(request)

    def on_delete(self, request: Request) -> Response:
        FAULTS.set_effects(Effects())
        return self.on_get(request)


class SeedResource:
    def on_get(self, _request: Request) -> Response:
        return _json({"seed": FAULTS.seed})

    @_refusing
    def on_post(self, request: Request) -> Response:
        FAULTS.reseed(parse(Seed, _body(request)).seed)
        return self.on_get(request)


class KillResource:
    """Kills the processes of all execution environments of a function."""

    @_refusing
    def on_post(self, request: Request) -> Response:
        function = parse(Killing, _body(request)).function
        if not any(function in store.functions for _, _, store in lambda_stores.iter_stores()):
            raise InvalidRuleError(f"function: there is no function {function!r}")
        return _json({"killed": environments.kill_all(function)})


def add_resources() -> None:
    for name, resource in (
        ("faults", FaultsResource()),
        ("effects", EffectsResource()),
        ("seed", SeedResource()),
        ("kill", KillResource()),
    ):
        get_internal_apis().add(Resource(f"{PATH}/{name}", resource))


def _body(request: Request) -> Any:
    """:raises InvalidRuleError: the body is not JSON"""
    try:
        return json.loads(request.get_data())
    except ValueError as error:
        raise InvalidRuleError(f"the body is not JSON: {error}") from error


def _json(content: Any, status: int = 200) -> Response:
    return Response(json.dumps(content), status, mimetype="application/json")
