"""Faults for one test: each must name its resource, as other tests may run at the same time."""

from dataclasses import dataclass, field
from typing import Any

import requests

from .target import Target

TIMEOUT_SECONDS = 10
# after this, a rule of a test that was killed ends
RULE_SECONDS = 60


@dataclass
class Chaos:
    aws: Target
    _given: list[dict[str, Any]] = field(default_factory=list)

    def add(self, **rule: Any) -> None:
        rule = {"seconds": RULE_SECONDS} | rule
        self._given.append(rule)
        self.call("PATCH", "faults", [rule]).raise_for_status()

    def heal(self) -> None:
        self.call("DELETE", "faults", self._given).raise_for_status()
        self._given.clear()

    def kill(self, function: str) -> int:
        return int(self.call("POST", "kill", {"function": function}).json()["killed"])

    def call(self, method: str, name: str, body: Any = None) -> requests.Response:
        url = f"{self.aws.endpoint}/_localstack/chaos/{name}"
        return requests.request(method, url, json=body, timeout=TIMEOUT_SECONDS)
