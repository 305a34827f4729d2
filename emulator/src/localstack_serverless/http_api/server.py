"""Serves HTTP APIs on LocalStack's port, with one thread for each connection.

A connection whose first request is to an HTTP API is taken over from LocalStack's server (Twisted).
All other connections stay there.
"""

import contextlib
import logging
import re
import socket
import threading
from email.utils import formatdate
from typing import Any

from localstack.aws.serving.twisted import TLSMultiplexer
from localstack.runtime import events
from twisted.internet import reactor
from twisted.internet.protocol import Protocol

from .. import http1
from ..faults.injection import ResponseLostError
from .addresses import PATH_PREFIX, find_api
from .data_plane import Client, DataPlane
from .steps import MAX_BODY_BYTES

LOG = logging.getLogger(__name__)

MAX_CONNECTIONS = 1000
IDLE_SECONDS = 75

# in the request line, or in the Host header if the first bytes contain it
_TO_AN_API = re.compile(
    rb"[A-Z]+ %b|[A-Z]+ [^\r\n]+\r\n(?:[^\r\n]+\r\n)*?host: *[a-z0-9]+\.execute-api\."
    % PATH_PREFIX.encode(),
    re.IGNORECASE,
)


class HttpApiServer:
    def __init__(self, data_plane: DataPlane) -> None:
        self._data_plane = data_plane
        self._free = threading.Semaphore(MAX_CONNECTIONS)

    def wants(self, data: bytes) -> bool:
        """Whether to take over a connection that begins with these bytes."""
        # until LocalStack is ready, requests must wait in its gateway
        is_ours = events.infra_ready.is_set() and _TO_AN_API.match(data)
        return bool(is_ours) and self._free.acquire(blocking=False)

    def data_received(self, receive: Any, protocol: TLSMultiplexer, data: bytes) -> None:
        """Wraps TLSMultiplexer.dataReceived."""
        if not protocol._isInitialized and self.wants(data):
            protocol._isInitialized = True
            self.take_over(protocol, data)
        else:
            receive(protocol, data)

    def take_over(self, protocol: TLSMultiplexer, data: bytes) -> None:
        """Serve the connection from now on. Called in the reactor's thread, after `wants`."""
        transport = protocol.transport
        transport.stopReading()
        # nothing is set up for the connection yet that would need to know when it ends
        protocol.wrappedProtocol = Protocol()
        connection = socket.fromfd(transport.fileno(), socket.AF_INET, socket.SOCK_STREAM)
        threading.Thread(
            target=self._run, args=(connection, data, transport), name="http-api", daemon=True
        ).start()

    def _run(self, connection: socket.socket, data: bytes, transport: Any) -> None:
        try:
            with connection, contextlib.suppress(OSError, ResponseLostError):
                # an idle connection is closed after the timeout
                connection.settimeout(IDLE_SECONDS)
                connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                self._serve(connection, data)
        except Exception:
            LOG.exception("cannot serve a connection")
        finally:
            self._free.release()
            reactor.callFromThread(transport.loseConnection)  # type: ignore[attr-defined] # set when Twisted installs one

    def _serve(self, connection: socket.socket, data: bytes) -> None:
        client = Client(connection.getpeername()[0], "http", str(connection.getsockname()[1]))
        parser = http1.RequestParser(MAX_BODY_BYTES)
        while data:
            try:
                requests = parser.feed(data)
            except http1.MalformedRequestError as error:
                LOG.info("malformed request: %s", error)
                connection.sendall(http1.encode_response(400, [("Connection", "close")], b""))
                return
            for number, request in enumerate(requests):
                found = find_api(request.target, request.header("host"))
                if not found:
                    pending = b"".join(later.encode() for later in requests[number:])
                    http1.tunnel(connection, connection.getsockname()[:2], pending)
                    return
                response = self._data_plane.serve(*found, request, client)
                headers = [("Date", formatdate(usegmt=True)), *response.headers]
                connection.sendall(
                    http1.encode_response(response.status, headers, response.body, to=request)
                )
                if not request.keep_alive:
                    return
            if parser.expects_continue:
                connection.sendall(http1.CONTINUE)
                parser.expects_continue = False
            data = connection.recv(http1.RECEIVE_BYTES)
