"""The emulator's fault injection: LocalStack's Chaos API, and what emulator/README.md adds."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from typing import Any

import requests

from e2e.deployment import LOCAL_ENDPOINT

Rule = Mapping[str, Any]

_TIMEOUT_SECONDS = 10


class ChaosApiError(Exception):
    """It refused a body; the message is its own."""


class ChaosApi:
    def __init__(self, endpoint: str = LOCAL_ENDPOINT) -> None:
        self._url = f"{endpoint}/_localstack/chaos"

    def answers(self) -> bool:
        """Not every LocalStack has one, and AWS has none."""
        try:
            return requests.get(f"{self._url}/faults", timeout=_TIMEOUT_SECONDS).ok
        except requests.RequestException:
            return False

    def seed(self, seed: int) -> None:
        self._call("POST", "seed", {"seed": seed})

    def kill(self, function: str) -> int:
        """All execution environments at once; returns how many there were."""
        return int(self._call("POST", "kill", {"function": function})["killed"])

    @contextlib.contextmanager
    def fault(self, rule: Rule, *, seconds: float) -> Iterator[None]:
        """Holds until the end, and no longer than `seconds` should this process be killed."""
        rules = [{**rule, "seconds": seconds}]
        try:
            self._call("PATCH", "faults", rules)
            yield
        finally:
            self._call("DELETE", "faults", rules)

    @contextlib.contextmanager
    def latency(self, milliseconds: int, *, seconds: float) -> Iterator[None]:
        """As `fault`."""
        try:
            self._call("POST", "effects", {"latency": milliseconds, "seconds": seconds})
            yield
        finally:
            self._call("POST", "effects", {"latency": 0})

    def _call(self, method: str, path: str, body: object) -> Any:
        answer = requests.request(
            method, f"{self._url}/{path}", json=body, timeout=_TIMEOUT_SECONDS
        )
        if not answer.ok:
            raise ChaosApiError(f"{method} {self._url}/{path}: {answer.status_code} {answer.text}")
        return answer.json()
