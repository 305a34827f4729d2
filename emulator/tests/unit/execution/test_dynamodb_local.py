"""Connections to DynamoDB Local."""

import socketserver
import threading
from collections.abc import Iterator
from types import SimpleNamespace
from typing import override

import pytest

from localstack_serverless.execution.dynamodb_local import DynamoDbLocal

RESPONSE = (
    b"HTTP/1.1 400 Bad Request\r\nContent-Type: application/x-amz-json-1.0\r\n"
    b"x-amzn-RequestId: 1\r\nServer: Jetty\r\nContent-Length: 2\r\n\r\n{}"
)


class Answers(socketserver.StreamRequestHandler):
    """Answers each request of a connection, unless the server has no answers left."""

    server: "Server"

    @override
    def handle(self) -> None:
        self.server.connections += 1
        while self.rfile.readline():
            while self.rfile.readline().strip():
                pass
            if not self.server.answers:
                return
            self.server.answers -= 1
            self.wfile.write(RESPONSE)


class Server(socketserver.ThreadingTCPServer):
    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Answers)
        self.connections, self.answers = 0, 100


@pytest.fixture
def server() -> Iterator[Server]:
    with Server() as server:
        threading.Thread(target=server.serve_forever, args=[0.01], daemon=True).start()
        yield server
        server.shutdown()


@pytest.fixture
def dynamodb() -> Iterator[DynamoDbLocal]:
    dynamodb = DynamoDbLocal()
    yield dynamodb
    dynamodb.close()


def post(dynamodb: DynamoDbLocal, server: Server) -> bytes:
    host, port = server.server_address[:2]
    return dynamodb.post(SimpleNamespace(host=host, port=port), {"X-Amz-Target": "a"}, b"")


def test_response_is_relayed_with_the_headers_that_sdks_read(
    dynamodb: DynamoDbLocal, server: Server
) -> None:
    response = post(dynamodb, server)
    assert response.startswith(b"HTTP/1.1 400 ")
    assert b"x-amzn-RequestId: 1\r\n" in response
    assert b"Jetty" not in response
    assert response.endswith(b"\r\n\r\n{}")


def test_connection_is_kept(dynamodb: DynamoDbLocal, server: Server) -> None:
    for _ in range(3):
        post(dynamodb, server)
    assert server.connections == 1


def test_no_answer_is_an_error_that_sdks_retry(dynamodb: DynamoDbLocal, server: Server) -> None:
    server.answers = 0
    response = post(dynamodb, server)
    assert response.startswith(b"HTTP/1.1 500 ")
    assert b"InternalServerError" in response

    server.answers = 1
    assert post(dynamodb, server).startswith(b"HTTP/1.1 400 ")
