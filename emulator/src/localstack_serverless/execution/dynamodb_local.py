"""Calls of DynamoDB Local, on connections that are kept."""

import json
import queue
import socket
import time
from typing import Any

from .. import http1

# the response headers that SDKs read
RELAYED_HEADERS = frozenset({"content-type", "x-amzn-requestid", "x-amz-crc32"})
TIMEOUT_SECONDS = 30
# DynamoDB Local closes connections that were idle for longer
IDLE_SECONDS = 5

type _Address = tuple[str, int]


class DynamoDbLocal:
    def __init__(self) -> None:
        self._idle: queue.LifoQueue[tuple[float, _Address, socket.socket]] = queue.LifoQueue()

    def post(self, server: Any, headers: dict[str, str], body: bytes) -> bytes:
        """DynamoDB Local's response; if there is none, an error that makes SDKs retry.

        :param server: LocalStack's DynamodbServer
        """
        address = (server.host, server.port)
        fields = [("Host", f"{server.host}:{server.port}"), *headers.items()]
        request = http1.Request("POST", "/", fields, body)
        try:
            response = self._ask(address, request.encode())
        except (OSError, http1.MalformedResponseError) as error:
            return _no_answer(error)
        relayed = [(name, value) for name, value in response.headers if _is_relayed(name)]
        return http1.encode_response(response.status, relayed, response.body)

    def close(self) -> None:
        """Close the idle connections."""
        while not self._idle.empty():
            self._idle.get()[2].close()

    def _ask(self, address: _Address, request: bytes) -> http1.Response:
        connection = self._connection(address)
        try:
            response = http1.ask(connection, request)
        except BaseException:
            connection.close()
            raise
        if response.keep_alive:
            self._idle.put((time.monotonic(), address, connection))
        else:
            connection.close()
        return response

    def _connection(self, address: _Address) -> socket.socket:
        while True:
            try:
                since, idle_address, connection = self._idle.get_nowait()
            except queue.Empty:
                connection = socket.create_connection(address, TIMEOUT_SECONDS)
                connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                return connection
            if idle_address == address and time.monotonic() - since < IDLE_SECONDS:
                return connection
            connection.close()


def _is_relayed(name: str) -> bool:
    return name.lower() in RELAYED_HEADERS


def _no_answer(error: Exception) -> bytes:
    problem = {
        "__type": "com.amazonaws.dynamodb.v20120810#InternalServerError",
        "message": f"DynamoDB Local did not answer: {error}",
    }
    kind = [("Content-Type", "application/x-amz-json-1.0")]
    return http1.encode_response(500, kind, json.dumps(problem).encode())


DYNAMODB_LOCAL = DynamoDbLocal()
