"""Serves HTTP APIs on LocalStack's own port, each connection in a thread of its own.

A connection whose first request is to an HTTP API is taken from LocalStack's server (Twisted);
every other stays there.
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
from localstack.utils.patch import patch
from twisted.internet import reactor
from twisted.internet.protocol import Protocol

from .. import wire
from ..chaos.faults import ResponseLostError
from .gateway import MAX_BODY_BYTES, PATH_PREFIX, Client, HttpApiGateway

LOG = logging.getLogger(__name__)

MAX_CONNECTIONS = 1000
IDLE_SECONDS = 75

# the request line, or the Host header where the first bytes have it
_TO_AN_API = re.compile(
    rb"[A-Z]+ %b|[A-Z]+ [^\r\n]+\r\n(?:[^\r\n]+\r\n)*?host: *[a-z0-9]+\.execute-api\."
    % PATH_PREFIX.encode(),
    re.IGNORECASE,
)


class HttpApiServer:
    def __init__(self, gateway: HttpApiGateway) -> None:
        self._gateway = gateway
        self._free = threading.Semaphore(MAX_CONNECTIONS)

    def wants(self, data: bytes) -> bool:
        """Whether a connection that begins with these bytes is taken over."""
        # until LocalStack is ready, its gateway makes requests wait
        is_ours = events.infra_ready.is_set() and _TO_AN_API.match(data)
        return bool(is_ours) and self._free.acquire(blocking=False)

    def take_over(self, protocol: TLSMultiplexer, data: bytes) -> None:
        """Serve the connection from here on. In the reactor's thread, after `wants`."""
        transport = protocol.transport
        transport.stopReading()
        # nothing was set up for the connection that would have to hear of its end
        protocol.wrappedProtocol = Protocol()
        connection = socket.fromfd(transport.fileno(), socket.AF_INET, socket.SOCK_STREAM)
        threading.Thread(
            target=self._run, args=(connection, data, transport), name="http-api", daemon=True
        ).start()

    def _run(self, connection: socket.socket, data: bytes, transport: Any) -> None:
        try:
            with connection, contextlib.suppress(OSError, ResponseLostError):
                # an idle client's connection ends by the timeout
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
        parser = wire.RequestParser(MAX_BODY_BYTES)
        while data:
            try:
                requests = parser.feed(data)
            except wire.MalformedRequestError as error:
                LOG.info("malformed request: %s", error)
                connection.sendall(wire.encode_response(400, [("Connection", "close")], b""))
                return
            for number, request in enumerate(requests):
                response = self._gateway.serve(request, client)
                if response is None:
                    pending = b"".join(later.encode() for later in requests[number:])
                    wire.tunnel(connection, connection.getsockname()[:2], pending)
                    return
                headers = [("Date", formatdate(usegmt=True)), *response.headers]
                connection.sendall(
                    wire.encode_response(response.status, headers, response.body, to=request)
                )
                if not request.keep_alive:
                    return
            if parser.expects_continue:
                connection.sendall(wire.CONTINUE)
                parser.expects_continue = False
            data = connection.recv(wire.RECEIVE_BYTES)


def apply_patches(server: HttpApiServer) -> None:
    @patch(TLSMultiplexer.dataReceived)
    def dataReceived(receive: Any, self: TLSMultiplexer, data: bytes) -> None:  # noqa: N802 - Twisted's name
        if not self._isInitialized and server.wants(data):
            self._isInitialized = True
            server.take_over(self, data)
        else:
            receive(self, data)
