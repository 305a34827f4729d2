"""Clients' connections to HTTP APIs: clients cannot see which server serves them."""

import http.client
import json
import socket
from collections.abc import Iterator
from contextlib import closing
from urllib.parse import urlsplit

import pytest

from testing.http_apis import Api
from testing.target import Target


@pytest.fixture
def connection(aws: Target) -> Iterator[http.client.HTTPConnection]:
    with closing(http.client.HTTPConnection(*address(aws), timeout=10)) as opened:
        yield opened


def address(aws: Target) -> tuple[str, int]:
    url = urlsplit(aws.endpoint)
    return url.hostname or "", url.port or 80


def exchange(aws: Target, data: bytes) -> bytes:
    """Send bytes and read until the server closes."""
    with socket.create_connection(address(aws), timeout=10) as client:
        client.sendall(data)
        received = b""
        while more := client.recv(65536):
            received += more
        return received


def test_one_connection_serves_an_api_and_aws(
    echo: Api, connection: http.client.HTTPConnection
) -> None:
    path = urlsplit(echo.url).path
    for target in (f"{path}/one", "/_localstack/health", f"{path}/two"):
        connection.request("GET", target)
        answer = connection.getresponse()
        body = json.loads(answer.read())
        assert answer.status == 200
        if target.startswith(path):
            assert path + body["rawPath"] == target
        else:
            assert "services" in body


def test_api_answers_by_its_host(echo: Api, connection: http.client.HTTPConnection) -> None:
    host = f"{echo.id}.execute-api.localhost.localstack.cloud:4566"
    connection.request("GET", "/a", headers={"Host": host})
    event = json.loads(connection.getresponse().read())
    assert (event["rawPath"], event["requestContext"]["domainName"]) == ("/a", host)


def test_pipelined_requests_are_answered_in_order(aws: Target, echo: Api) -> None:
    path = urlsplit(echo.url).path.encode()
    first = b"GET %b/1 HTTP/1.1\r\nHost: x\r\n\r\n" % path
    last = b"GET %b/2 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n" % path
    received = exchange(aws, first + last)
    assert 0 < received.find(b'"rawPath": "/1"') < received.find(b'"rawPath": "/2"')


def test_chunked_body_reaches_the_function(
    echo: Api, connection: http.client.HTTPConnection
) -> None:
    connection.request("POST", urlsplit(echo.url).path + "/", iter([b"a", b"bc"]))
    event = json.loads(connection.getresponse().read())
    assert event["isBase64Encoded"]
    assert event["body"] == "YWJj"


def test_request_that_is_none_is_a_400(aws: Target, echo: Api) -> None:
    path = urlsplit(echo.url).path.encode()
    received = exchange(aws, b"GET %b/ HTTP/1.1\r\nHost x\r\n\r\n" % path)
    assert received.startswith(b"HTTP/1.1 400 Bad Request\r\n")


def test_unknown_api_is_localstacks_to_answer(connection: http.client.HTTPConnection) -> None:
    connection.request("GET", "/_aws/execute-api/none/x")
    assert connection.getresponse().status == 404
