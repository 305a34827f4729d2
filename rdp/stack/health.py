"""Whether each part of a stack is healthy."""

from collections.abc import Callable, Iterator
from functools import partial
from typing import NamedTuple

import requests

from rdp.parsing import json_object
from rdp.stack import Stack
from rdp.stack.errors import CALL_ERRORS
from rdp.stack.queue import Lane

_TIMEOUT_SECONDS = 40


class PartHealth(NamedTuple):
    part: str
    is_ok: bool
    text: str


def check(stack: Stack) -> Iterator[PartHealth]:
    """The parts in the order in which a log passes them.

    A message in the DLQ needs a person, so the DLQ is not ok while it holds one.
    """
    functions = stack.functions
    yield _health("api", lambda: _api(stack.api.url))
    for lane in stack.queues.lanes:
        yield _health("queue", partial(_queue, lane))
    yield _health("dlq", lambda: _dlq(stack))
    yield _health("table", lambda: _table(stack))
    yield _health("function", lambda: _function(stack, functions.api))
    yield _health("function", lambda: _function(stack, functions.worker))
    yield _health("mappings", lambda: _mappings(stack))
    if endpoint := stack.deployment.endpoint:
        yield _health("disk", lambda: _disk(endpoint))


def _health(part: str, look: Callable[[], tuple[bool, str]]) -> PartHealth:
    try:
        is_ok, text = look()
    except CALL_ERRORS as error:
        is_ok, text = False, str(error)
    return PartHealth(part, is_ok, text)


def _api(url: str) -> tuple[bool, str]:
    answer = requests.get(f"{url}/health", timeout=_TIMEOUT_SECONDS)
    milliseconds = answer.elapsed.total_seconds() * 1000
    is_ok = answer.ok and (json_object(answer.text) or {}).get("status") == "ok"
    return is_ok, f"{url}/health: HTTP {answer.status_code} in {milliseconds:.0f} ms"


def _queue(lane: Lane) -> tuple[bool, str]:
    counts = lane.counts()
    return True, f"{lane.name}: {counts.waiting} waiting, {counts.in_flight} in flight"


def _dlq(stack: Stack) -> tuple[bool, str]:
    waiting = stack.dead_letters.counts().waiting
    advice = "; see `rdp dlq list`" if waiting else ""
    return waiting == 0, f"{stack.dead_letters.name}: {waiting} waiting{advice}"


def _table(stack: Stack) -> tuple[bool, str]:
    status = stack.records.status()
    return status == "ACTIVE", f"{stack.records.table}: {status}"


def _function(stack: Stack, name: str) -> tuple[bool, str]:
    found = stack.functions.state(name)
    text = f"{name}: {found.state}, {found.runtime}, last update {found.last_update}"
    return found.is_ready, text


def _mappings(stack: Stack) -> tuple[bool, str]:
    states = stack.functions.mappings.states()
    healthy = ["Enabled"] * len(stack.queues.lanes)
    return states == healthy, f"queues to worker: {', '.join(states) or 'missing'}"


def _disk(endpoint: str) -> tuple[bool, str]:
    """If an emulator cannot write its state, it refuses messages, and the API answers 500."""
    answer = requests.get(f"{endpoint}/_localstack/state", timeout=_TIMEOUT_SECONDS)
    if answer.status_code == requests.codes.not_found:
        return True, "this emulator does not keep its state"
    state = json_object(answer.text)
    if state is None:
        return False, f"{endpoint}/_localstack/state: HTTP {answer.status_code}, not JSON"
    problem = state.get("problem")
    return not problem, str(problem or "LocalStack can write what it keeps")
