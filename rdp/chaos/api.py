"""The emulator's fault injection: LocalStack's Chaos API, and what emulator/README.md adds."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from typing import Any

import requests

Rule = Mapping[str, Any]

_TIMEOUT_SECONDS = 10
_HEALING_ATTEMPTS = 3


class ChaosApiError(Exception):
    """The chaos API answered with an error; the message has its text."""


class ChaosApi:
    def __init__(self, endpoint: str) -> None:
        self._url = f"{endpoint}/_localstack/chaos"

    def answers(self) -> bool:
        """Whether there is a chaos API. Not every LocalStack has one, and AWS has none.

        :raises ChaosApiError: there is one, but it answers with an error or not at all
        """
        try:
            answer = requests.get(f"{self._url}/faults", timeout=_TIMEOUT_SECONDS)
        except requests.ConnectionError:
            return False
        except requests.Timeout as error:
            raise ChaosApiError(f"GET {self._url}/faults: {error}") from error
        if not answer.ok and answer.status_code != 404:
            raise ChaosApiError(f"GET {self._url}/faults: {answer.status_code} {answer.text}")
        return answer.ok

    def clear(self) -> int:
        """Remove all faults. Returns how many rules there were."""
        rules = len(self._call("GET", "faults"))
        self._heal("POST", "faults", [])
        self._heal("POST", "effects", {"latency": 0})
        return rules

    def seed(self, seed: int) -> None:
        self._call("POST", "seed", {"seed": seed})

    def kill(self, function: str) -> int:
        """Kill all execution environments. Returns how many there were."""
        return int(self._call("POST", "kill", {"function": function})["killed"])

    @contextlib.contextmanager
    def fault(self, *rules: Rule, seconds: float) -> Iterator[None]:
        """The rules apply until the end; for `seconds` at most if this process is killed."""
        timed = [{**rule, "seconds": seconds} for rule in rules]
        try:
            self._call("PATCH", "faults", timed)
            yield
        finally:
            self._heal("DELETE", "faults", timed)

    @contextlib.contextmanager
    def latency(self, milliseconds: int, *, seconds: float) -> Iterator[None]:
        """Every call takes longer, until the end; `seconds` as for `fault`."""
        try:
            self._call("POST", "effects", {"latency": milliseconds, "seconds": seconds})
            yield
        finally:
            self._heal("POST", "effects", {"latency": 0})

    def _heal(self, method: str, path: str, body: object) -> None:
        """Tries several times: a fault that stays would fail the next experiment."""
        for _ in range(_HEALING_ATTEMPTS - 1):
            with contextlib.suppress(requests.RequestException):
                self._call(method, path, body)
                return
        self._call(method, path, body)

    def _call(self, method: str, path: str, body: object = None) -> Any:
        answer = requests.request(
            method, f"{self._url}/{path}", json=body, timeout=_TIMEOUT_SECONDS
        )
        if not answer.ok:
            raise ChaosApiError(f"{method} {self._url}/{path}: {answer.status_code} {answer.text}")
        return answer.json()
