"""One process of clients that post logs as fast as they are answered, for scripts/bench.py.

Usage: python -m scripts.bench_client URL CLIENTS SECONDS TENANT TEXT_LENGTH

Each client has a connection of its own and waits for each answer. Prints one JSON object: the
seconds of each accepted request, and how many were answered otherwise. It is a process of its own,
and no more than http.client, so that it takes as little of the machine as possible.
"""

import http.client
import json
import sys
import threading
import time
from urllib.parse import urlsplit


def main() -> None:
    url, clients, seconds, tenant, text_length = sys.argv[1:]
    target = urlsplit(url)
    accepted: list[float] = []
    others: list[int] = []
    body = json.dumps({"tenant_id": tenant, "text": "555-0199 ".ljust(int(text_length), "x")})
    headers = {"Content-Type": "application/json"}
    deadline = time.perf_counter() + float(seconds)

    def run() -> None:
        connection = http.client.HTTPConnection(target.hostname or "", target.port, timeout=40)
        while (began := time.perf_counter()) < deadline:
            connection.request("POST", f"{target.path}/ingest", body, headers)
            response = connection.getresponse()
            response.read()
            if response.status == 202:
                accepted.append(time.perf_counter() - began)
            else:
                others.append(response.status)
        connection.close()

    threads = [threading.Thread(target=run) for _ in range(int(clients))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    json.dump({"accepted": accepted, "others": len(others)}, sys.stdout)


if __name__ == "__main__":
    main()
