"""A process of clients that send as fast as they are answered, for the benchmark.

Usage: python -m rdp.bench.client URL CLIENTS SECONDS [TENANT TEXT_LENGTH]

They post logs of the tenant to the API at the URL; without a tenant they get the URL itself. Each
client has one connection and waits for each answer. Prints one JSON object: the seconds of each
request that succeeded (200 or 202), and how many requests failed. It is a separate process and uses
only http.client, so that it takes as little of the machine as possible.
"""

import http.client
import json
import os
import sys
import threading
import time
from urllib.parse import urlsplit


class Api:
    """One connection to an HTTP API."""

    def __init__(self, url: str) -> None:
        api = urlsplit(url)
        # An emulator's URL may name a host that does not resolve: connect to the emulator, which
        # finds the API by the header.
        at = urlsplit(os.environ.get("STACK_ENDPOINT") or url)
        self._path = api.path
        self._headers = {"Host": api.netloc, "Content-Type": "application/json"}
        self._connection = http.client.HTTPConnection(at.hostname or "", at.port, timeout=40)
        self._connection.connect()

    def post(self, body: str) -> int:
        """The status of POST /ingest."""
        return self._status("POST", f"{self._path}/ingest", body)

    def get(self) -> int:
        """The status of the URL itself."""
        return self._status("GET", self._path, None)

    def close(self) -> None:
        self._connection.close()

    def _status(self, method: str, path: str, body: str | None) -> int:
        self._connection.request(method, path, body, self._headers)
        response = self._connection.getresponse()
        response.read()
        return response.status


def main() -> None:
    url, clients, seconds, *log = sys.argv[1:]
    succeeded: list[float] = []
    others: list[int] = []
    body = _body(*log) if log else None
    deadline = time.perf_counter() + float(seconds)

    def run() -> None:
        api = Api(url)
        while (began := time.perf_counter()) < deadline:
            status = api.get() if body is None else api.post(body)
            if status in (200, 202):
                succeeded.append(time.perf_counter() - began)
            else:
                others.append(status)
        api.close()

    threads = [threading.Thread(target=run) for _ in range(int(clients))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    json.dump({"succeeded": succeeded, "others": len(others)}, sys.stdout)


def _body(tenant: str, text_length: str) -> str:
    return json.dumps({"tenant_id": tenant, "text": "555-0199 ".ljust(int(text_length), "x")})


if __name__ == "__main__":
    main()
