"""HTTP servers on loopback in the place of LocalStack or the API."""

import json
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import NamedTuple


class Asked(NamedTuple):
    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes


@contextmanager
def listening(
    pages: Mapping[str, object], *, status: int = 200, asked: list[Asked] | None = None
) -> Iterator[str]:
    """The URL of a server that answers these paths, with JSON or with text; 404 for the rest.

    :param asked: gets every request
    """

    class Handler(BaseHTTPRequestHandler):
        def answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            if asked is not None:
                asked.append(Asked(self.command, self.path, dict(self.headers), body))
            page = pages.get(self.path)
            self.send_response(404 if page is None else status)
            self.end_headers()
            self.wfile.write((page if isinstance(page, str) else json.dumps(page)).encode())

        do_GET = do_POST = do_PATCH = do_DELETE = answer  # noqa: N815 - the names of http.server

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()
