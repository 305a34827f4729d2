"""A load of requests, by a process of clients (client.py)."""

import json
import subprocess
import sys
from dataclasses import dataclass
from typing import Any, Self

from rdp.stack import StackError


@dataclass(frozen=True)
class Load:
    """How a load was answered.

    :ivar lasted: seconds
    :ivar latencies: of the requests that succeeded, in seconds and ascending
    :ivar others: how many requests did not succeed
    """

    lasted: int
    latencies: list[float]
    others: int

    @classmethod
    def of(cls, answers: dict[str, Any], lasted: int) -> Self:
        """
        :param answers: what client.py prints
        :raises StackError: no request succeeded
        """
        if not answers["succeeded"]:
            raise StackError(f"no request of {lasted} s succeeded: see `rdp health`")
        return cls(lasted, sorted(answers["succeeded"]), answers["others"])

    @property
    def succeeded(self) -> int:
        return len(self.latencies)

    def figures(self, pages: "Load | None" = None) -> str:
        """Requests a second, p50 and p99.

        :param pages: requests of the health page, to compare with
        """
        p50, p99 = (self.latencies[int(self.succeeded * share)] * 1000 for share in (0.5, 0.99))
        figures = f"{self.succeeded / self.lasted:.0f} ({p50:.1f} ms, {p99:.1f} ms)"
        if pages:
            share = self.succeeded / self.lasted / (pages.succeeded / pages.lasted)
            figures += f", {share:.2f} of the health page's"
        return figures + (f", {self.others} not accepted" if self.others else "")


def run_load(clients: int, seconds: int, url: str, *log: str) -> Load:
    """
    :param log: tenant and text's length, for POST /ingest; without them, GET of the URL itself
    :raises StackError: no request succeeded
    """
    answer = subprocess.run(  # noqa: S603 - our own module
        [
            # -P: the package of this checkout, whatever the current folder is
            *(sys.executable, "-P", "-m", "rdp.bench.client"),
            *(url, str(clients), str(seconds), *log),
        ],
        check=True,
        stdout=subprocess.PIPE,
    )
    return Load.of(json.loads(answer.stdout), seconds)
