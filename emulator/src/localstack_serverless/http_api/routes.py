"""Which route of an HTTP API matches a request.

The most specific route wins: a literal segment before a path parameter, a parameter before a
greedy `{proxy+}`, a method before ANY, and $default last.
https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-routes.html
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

DEFAULT = "$default"
_LITERAL, _PARAMETER, _GREEDY = range(3)


@dataclass(frozen=True)
class Match:
    route_key: str
    path_parameters: dict[str, str]


@dataclass(frozen=True)
class _Route:
    key: str
    method: str
    pattern: re.Pattern[str]
    parameters: tuple[str, ...]
    # the kind of each segment, then whether the method is ANY; a smaller tuple is more specific
    rank: tuple[int, ...]


def match(route_keys: Iterable[str], method: str, path: str) -> Match | None:
    """The most specific route that matches a request, or None.

    :param path: the path below the stage, starting with a slash
    """
    best: tuple[_Route, re.Match[str]] | None = None
    has_default = False
    for key in route_keys:
        if key == DEFAULT:
            has_default = True
            continue
        route = _parse(key)
        matched = route.pattern.fullmatch(path) if route.method in (method, "ANY") else None
        if matched and (best is None or route.rank < best[0].rank):
            best = route, matched
    if best:
        route, matched = best
        return Match(route.key, dict(zip(route.parameters, matched.groups(), strict=True)))
    return Match(DEFAULT, {}) if has_default else None


@lru_cache(maxsize=1024)
def _parse(key: str) -> _Route:
    method, _, path = key.partition(" ")
    segments = path.strip("/").split("/")
    kinds = [_kind(segment) for segment in segments]
    expressions = {_PARAMETER: "([^/]+)", _GREEDY: "(.+)"}
    parts = [
        expressions.get(kind) or re.escape(part) for part, kind in zip(segments, kinds, strict=True)
    ]
    return _Route(
        key=key,
        method=method,
        pattern=re.compile("/" + "/".join(parts) + "/?"),
        parameters=tuple(
            part.strip("{}+") for part, kind in zip(segments, kinds, strict=True) if kind
        ),
        rank=(*kinds, int(method == "ANY")),
    )


def _kind(segment: str) -> int:
    if not (segment.startswith("{") and segment.endswith("}")):
        return _LITERAL
    return _GREEDY if segment.endswith("+}") else _PARAMETER
