"""Connections of clients to HTTP APIs: who serves them does not show."""

import http.client
import json
import socket
from urllib.parse import urlsplit

import pytest

from .deploying import ENDPOINT

PORT = urlsplit(ENDPOINT).port or 80


@pytest.fixture
def connection() -> http.client.HTTPConnection:
    return http.client.HTTPConnection("127.0.0.1", PORT, timeout=10)


def exchange(data: bytes) -> bytes:
    """Send bytes and read until the server closes."""
    with socket.create_connection(("127.0.0.1", PORT), timeout=10) as client:
        client.sendall(data)
        received = b""
        while more := client.recv(65536):
            received += more
        return received


def test_one_connection_serves_an_api_and_aws(
    http_api: str, connection: http.client.HTTPConnection
) -> None:
    path = urlsplit(http_api).path
    for target in (f"{path}/one", "/_localstack/health", f"{path}/two"):
        connection.request("GET", target)
        answer = connection.getresponse()
        body = json.loads(answer.read())
        assert answer.status == 200
        if target.startswith(path):
            assert path + body["rawPath"] == target
        else:
            assert "services" in body
    connection.close()


def test_api_answers_by_its_host(http_api: str, connection: http.client.HTTPConnection) -> None:
    api_id = http_api.rpartition("/")[2]
    host = f"{api_id}.execute-api.localhost.localstack.cloud:{PORT}"
    connection.request("GET", "/a", headers={"Host": host})
    event = json.loads(connection.getresponse().read())
    assert (event["rawPath"], event["requestContext"]["domainName"]) == ("/a", host)
    connection.close()


def test_pipelined_requests_are_answered_in_order(http_api: str) -> None:
    path = urlsplit(http_api).path.encode()
    first = b"GET %b/1 HTTP/1.1\r\nHost: x\r\n\r\n" % path
    last = b"GET %b/2 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n" % path
    received = exchange(first + last)
    assert 0 < received.find(b'"rawPath": "/1"') < received.find(b'"rawPath": "/2"')


def test_chunked_body_reaches_the_function(
    http_api: str, connection: http.client.HTTPConnection
) -> None:
    connection.request("POST", urlsplit(http_api).path + "/", iter([b"a", b"bc"]))
    event = json.loads(connection.getresponse().read())
    assert event["isBase64Encoded"]
    assert event["body"] == "YWJj"
    connection.close()


def test_request_that_is_none_is_a_400(http_api: str) -> None:
    path = urlsplit(http_api).path.encode()
    received = exchange(b"GET %b/ HTTP/1.1\r\nHost x\r\n\r\n" % path)
    assert received.startswith(b"HTTP/1.1 400 Bad Request\r\n")


def test_unknown_api_is_localstacks_to_answer(connection: http.client.HTTPConnection) -> None:
    connection.request("GET", "/_aws/execute-api/none/x")
    assert connection.getresponse().status == 404
    connection.close()
