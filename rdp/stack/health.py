"""Whether each part of a stack is well."""

from collections.abc import Callable, Iterator
from typing import NamedTuple

import requests
from botocore.exceptions import BotoCoreError, ClientError

from rdp.stack import Stack

_TIMEOUT_SECONDS = 40
_MAPPING_IS_WELL = ["Enabled"]


class Finding(NamedTuple):
    part: str
    is_ok: bool
    text: str


def check(stack: Stack) -> Iterator[Finding]:
    """Each part in the order of the path. A message in the DLQ waits for a person: not ok."""
    functions = stack.functions
    yield _finding("api", lambda: _api(stack.api.url))
    yield _finding("queue", lambda: _queue(stack))
    yield _finding("dlq", lambda: _dlq(stack))
    yield _finding("table", lambda: _table(stack))
    yield _finding("function", lambda: _function(stack, functions.api))
    yield _finding("function", lambda: _function(stack, functions.worker))
    yield _finding("mapping", lambda: _mapping(stack))
    if endpoint := stack.deployment.endpoint:
        yield _finding("disk", lambda: _disk(endpoint))


def _finding(part: str, look: Callable[[], tuple[bool, str]]) -> Finding:
    try:
        is_ok, text = look()
    except (BotoCoreError, ClientError, requests.RequestException) as error:
        is_ok, text = False, str(error)
    return Finding(part, is_ok, text)


def _api(url: str) -> tuple[bool, str]:
    answer = requests.get(f"{url}/health", timeout=_TIMEOUT_SECONDS)
    milliseconds = answer.elapsed.total_seconds() * 1000
    is_ok = answer.ok and answer.json().get("status") == "ok"
    return is_ok, f"{url}/health: HTTP {answer.status_code} in {milliseconds:.0f} ms"


def _queue(stack: Stack) -> tuple[bool, str]:
    counts = stack.queue.counts()
    return True, f"{stack.queue.name}: {counts.waiting} waiting, {counts.in_flight} in flight"


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


def _mapping(stack: Stack) -> tuple[bool, str]:
    states = stack.functions.mapping_states()
    return states == _MAPPING_IS_WELL, f"queue to worker: {', '.join(states) or 'missing'}"


def _disk(endpoint: str) -> tuple[bool, str]:
    """An emulator that cannot write what it keeps refuses messages: the API answers 500."""
    answer = requests.get(f"{endpoint}/_localstack/state", timeout=_TIMEOUT_SECONDS)
    if answer.status_code == requests.codes.not_found:
        return True, "this emulator does not keep its state"
    problem = answer.json().get("problem")
    return not problem, problem or "LocalStack can write what it keeps"
