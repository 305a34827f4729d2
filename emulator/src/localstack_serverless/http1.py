"""HTTP/1.1 on sockets that the plugin serves itself, in the thread that does the work.

Stock LocalStack passes each request from its reactor to a thread and back, through a WSGI
environment and a chain of about thirty handlers. For a small request that is most of the time.
"""

import selectors
import socket
from collections.abc import Iterable
from dataclasses import dataclass, field
from http import HTTPStatus

import httptools  # type: ignore[import-untyped]

RECEIVE_BYTES = 256 * 1024
# far above AWS's limits, which the servers enforce themselves
MAX_HEAD_BYTES = 256 * 1024
CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"
WITHOUT_BODY = frozenset({HTTPStatus.NO_CONTENT, HTTPStatus.NOT_MODIFIED})

type Headers = list[tuple[str, str]]


class MalformedRequestError(Exception):
    """The bytes are not HTTP/1.1, or the head is longer than any server accepts."""


class MalformedResponseError(Exception):
    """The bytes are not a response in HTTP/1.1."""


@dataclass(slots=True)
class Response:
    status: int = 0
    headers: Headers = field(default_factory=list)
    body: bytes = b""
    keep_alive: bool = True


@dataclass(slots=True)
class Request:
    method: str = ""
    # as the client sent it: path and query
    target: str = ""
    headers: Headers = field(default_factory=list)
    body: bytes = b""
    version: str = "1.1"
    keep_alive: bool = True

    def header(self, name: str) -> str:
        """The first value of the header with this lower-case name; empty if there is none."""
        return next((value for key, value in self.headers if key.lower() == name), "")

    def encode(self) -> bytes:
        """The request as bytes, with a Content-Length; with `Connection: close` unless
        `keep_alive`."""
        framing = {"content-length", "transfer-encoding", "expect"}
        if not self.keep_alive:
            framing.add("connection")
        headers = [header for header in self.headers if header[0].lower() not in framing]
        if self.body:
            headers.append(("Content-Length", str(len(self.body))))
        if not self.keep_alive:
            headers.append(("Connection", "close"))
        return _encode(f"{self.method} {self.target} HTTP/1.1", headers, self.body)


class RequestParser:
    """Parses the requests of one connection.

    :param max_body_bytes: a longer body is cut to this length plus one byte, so that the server
        can see that it is too long
    """

    def __init__(self, max_body_bytes: int | None = None) -> None:
        self._max_body_bytes = max_body_bytes
        self._parser = httptools.HttpRequestParser(self)
        self._request = Request()
        self._body: list[bytes] = []
        self._body_bytes = self._head_bytes = 0
        self._complete: list[Request] = []
        # the client sends its body only after `100 Continue`
        self.expects_continue = False

    def feed(self, data: bytes) -> list[Request]:
        """The requests that these bytes complete.

        :raises MalformedRequestError: the connection cannot be read any further
        """
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserUpgrade:
            # declining an upgrade is allowed; the connection is closed after the response
            self._complete[-1].keep_alive = False
        except httptools.HttpParserError as error:
            raise MalformedRequestError(str(error)) from error
        complete, self._complete = self._complete, []
        return complete

    def on_message_begin(self) -> None:
        self._request = Request()
        self._body.clear()
        self._body_bytes = self._head_bytes = 0

    def on_url(self, url: bytes) -> None:
        self._count(url)
        self._request.target += url.decode("latin-1")

    def on_header(self, name: bytes, value: bytes) -> None:
        self._count(name, value)
        self._request.headers.append((name.decode("latin-1"), value.decode("latin-1")))
        if name.lower() == b"expect":
            self.expects_continue = value.lower() == b"100-continue"

    def on_body(self, body: bytes) -> None:
        if self._max_body_bytes is not None:
            body = body[: self._max_body_bytes + 1 - self._body_bytes]
        self._body.append(body)
        self._body_bytes += len(body)

    def on_message_complete(self) -> None:
        request = self._request
        request.method = self._parser.get_method().decode()
        request.version = self._parser.get_http_version()
        request.keep_alive = self._parser.should_keep_alive()
        request.body = b"".join(self._body)
        self.expects_continue = False
        self._complete.append(request)

    def _count(self, *parts: bytes) -> None:
        self._head_bytes += sum(map(len, parts))
        if self._head_bytes > MAX_HEAD_BYTES:
            raise MalformedRequestError(f"the head has more than {MAX_HEAD_BYTES} bytes")


class _ResponseParser:
    """Parses one response."""

    def __init__(self) -> None:
        self._parser = httptools.HttpResponseParser(self)
        self._body: list[bytes] = []
        self._response = Response()
        self.complete: Response | None = None

    def feed(self, data: bytes) -> None:
        """:raises MalformedResponseError: the connection cannot be read any further"""
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserError as error:
            raise MalformedResponseError(str(error)) from error

    def on_header(self, name: bytes, value: bytes) -> None:
        self._response.headers.append((name.decode("latin-1"), value.decode("latin-1")))

    def on_body(self, body: bytes) -> None:
        self._body.append(body)

    def on_message_complete(self) -> None:
        self._response.status = self._parser.get_status_code()
        self._response.keep_alive = self._parser.should_keep_alive()
        self._response.body = b"".join(self._body)
        self.complete = self._response


def ask(server: socket.socket, request: bytes) -> Response:
    """Send a request, and wait for its response.

    :raises OSError: the connection is broken, or its timeout passed
    :raises MalformedResponseError: the response is not HTTP/1.1
    """
    server.sendall(request)
    parser = _ResponseParser()
    while parser.complete is None:
        data = server.recv(RECEIVE_BYTES)
        if not data:
            raise ConnectionResetError("the server closed the connection before its response ended")
        parser.feed(data)
    return parser.complete


def encode_response(
    status: int, headers: Iterable[tuple[str, str]], body: bytes, *, to: Request | None = None
) -> bytes:
    """A response with a Content-Length.

    :param to: the request; needed if it may be a HEAD, or if it may close the connection
    """
    head = [*headers]
    if status not in WITHOUT_BODY:
        head.append(("Content-Length", str(len(body))))
    if to and not to.keep_alive:
        head.append(("Connection", "close"))
    if status in WITHOUT_BODY or (to and to.method == "HEAD"):
        body = b""
    return _encode(f"HTTP/1.1 {status} {_reason(status)}", head, body)


def tunnel(client: socket.socket, address: tuple[str, int], pending: bytes) -> None:
    """Carry bytes between a client and a server until one of them closes; closes the client.

    :param pending: bytes that the client has already sent
    """
    with client, socket.create_connection(address) as server, selectors.DefaultSelector() as ready:
        server.sendall(pending)
        ready.register(client, selectors.EVENT_READ, server)
        ready.register(server, selectors.EVENT_READ, client)
        while True:
            for key, _ in ready.select():
                try:
                    data = key.fileobj.recv(RECEIVE_BYTES)  # type: ignore[union-attr] # a socket
                    key.data.sendall(data)
                except OSError:
                    return
                if not data:
                    return


def _encode(first_line: str, headers: Iterable[tuple[str, str]], body: bytes) -> bytes:
    lines = [first_line, *(f"{name}: {value}" for name, value in headers), "", ""]
    return "\r\n".join(lines).encode("latin-1") + body


def _reason(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return ""
