"""One process of clients that post logs as fast as they are answered, for scripts/bench.py.

Usage: python -m scripts.bench_client URL CLIENTS SECONDS TENANT TEXT_LENGTH

Each client has a connection of its own and waits for each answer. Prints one JSON object: the
seconds of each accepted request, and how many were answered otherwise. It is a process of its own,
and no more than http.client, so that it takes as little of the machine as possible.
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
        # an emulator whose URLs name hosts that do not resolve everywhere tells the API by its name
        at = urlsplit(os.environ.get("STACK_ENDPOINT", url))
        self._path = api.path
        self._headers = {"Host": api.netloc, "Content-Type": "application/json"}
        self._connection = http.client.HTTPConnection(at.hostname or "", at.port, timeout=40)
        self._connection.connect()

    def post(self, body: str) -> int:
        """The status of POST /ingest."""
        self._connection.request("POST", f"{self._path}/ingest", body, self._headers)
        response = self._connection.getresponse()
        response.read()
        return response.status

    def close(self) -> None:
        self._connection.close()


def main() -> None:
    url, clients, seconds, tenant, text_length = sys.argv[1:]
    accepted: list[float] = []
    others: list[int] = []
    body = json.dumps({"tenant_id": tenant, "text": "555-0199 ".ljust(int(text_length), "x")})
    deadline = time.perf_counter() + float(seconds)

    def run() -> None:
        api = Api(url)
        while (began := time.perf_counter()) < deadline:
            status = api.post(body)
            if status == 202:
                accepted.append(time.perf_counter() - began)
            else:
                others.append(status)
        api.close()

    threads = [threading.Thread(target=run) for _ in range(int(clients))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    json.dump({"accepted": accepted, "others": len(others)}, sys.stdout)


if __name__ == "__main__":
    main()
