"""What is below /_localstack/chaos: faults are given, seen and taken back there."""

import json
from collections.abc import Callable
from typing import Any

from localstack.http import Request, Resource, Response
from localstack.services.internal import get_internal_apis

from ..execution import environments
from .faults import FAULTS
from .rules import Effects, InvalidRuleError, Killing, Rule, Seed, parse, parse_rules

PATH = "/_localstack/chaos"


class FaultsResource:
    def on_get(self, _request: Request) -> Response:
        return _answer([rule.as_given() for rule in FAULTS.rules])

    def on_post(self, request: Request) -> Response:
        return self._change(request, FAULTS.replace)

    def on_patch(self, request: Request) -> Response:
        return self._change(request, FAULTS.add)

    def on_delete(self, request: Request) -> Response:
        return self._change(request, FAULTS.remove)

    def _change(self, request: Request, change: Callable[[list[Rule]], None]) -> Response:
        try:
            change(parse_rules(_body(request)))
        except InvalidRuleError as error:
            return _refusal(error)
        return self.on_get(request)


class EffectsResource:
    def on_get(self, _request: Request) -> Response:
        return _answer({"latency": 0} | FAULTS.effects.as_given())

    def on_post(self, request: Request) -> Response:
        try:
            FAULTS.set_effects(parse(Effects, _body(request)))
        except InvalidRuleError as error:
            return _refusal(error)
        return self.on_get(request)

    def on_delete(self, request: Request) -> Response:
        FAULTS.set_effects(Effects())
        return self.on_get(request)


class SeedResource:
    def on_get(self, _request: Request) -> Response:
        return _answer({"seed": FAULTS.seed})

    def on_post(self, request: Request) -> Response:
        try:
            FAULTS.reseed(parse(Seed, _body(request)).seed)
        except InvalidRuleError as error:
            return _refusal(error)
        return self.on_get(request)


class KillResource:
    """Ends the processes of all of a function's execution environments at once."""

    def on_post(self, request: Request) -> Response:
        try:
            function = parse(Killing, _body(request)).function
        except InvalidRuleError as error:
            return _refusal(error)
        return _answer({"killed": environments.kill_all(function)})


def add_resources() -> None:
    for name, resource in (
        ("faults", FaultsResource()),
        ("effects", EffectsResource()),
        ("seed", SeedResource()),
        ("kill", KillResource()),
    ):
        get_internal_apis().add(Resource(f"{PATH}/{name}", resource))


def _body(request: Request) -> Any:
    """:raises InvalidRuleError: it is not JSON"""
    try:
        return json.loads(request.get_data())
    except ValueError as error:
        raise InvalidRuleError(f"the body is not JSON: {error}") from error


def _answer(content: Any, status: int = 200) -> Response:
    return Response(json.dumps(content), status, mimetype="application/json")


def _refusal(error: InvalidRuleError) -> Response:
    return _answer({"error": str(error)}, 400)
