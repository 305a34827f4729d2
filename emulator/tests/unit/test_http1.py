"""HTTP/1.1 as the plugin reads and writes it."""

import socket
import threading

import pytest

from localstack_serverless import http1


def test_request_comes_in_pieces() -> None:
    parser = http1.RequestParser()
    headers = b"Host: x\r\nX-Two: 1\r\nX-Two: 2\r\nContent-Length: 4\r\n"
    data = b"POST /a?b=%20c HTTP/1.1\r\n" + headers + b"\r\nbody"
    requests = [request for byte in data for request in parser.feed(bytes([byte]))]
    assert [(request.method, request.target, request.body) for request in requests] == [
        ("POST", "/a?b=%20c", b"body")
    ]
    assert requests[0].headers[1:3] == [("X-Two", "1"), ("X-Two", "2")]
    assert requests[0].header("host") == "x"


def test_pipelined_requests_come_in_order() -> None:
    data = b"GET /1 HTTP/1.1\r\n\r\nGET /2 HTTP/1.0\r\n\r\n"
    first, second = http1.RequestParser().feed(data)
    assert (first.target, first.keep_alive) == ("/1", True)
    assert (second.target, second.version, second.keep_alive) == ("/2", "1.0", False)


def test_chunks_are_one_body() -> None:
    data = b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n1\r\nc\r\n0\r\n\r\n"
    [request] = http1.RequestParser().feed(data)
    assert request.body == b"abc"
    [again] = http1.RequestParser().feed(request.encode())
    assert again.body == b"abc"


def test_request_that_closes_its_connection_still_does_when_it_is_sent_on() -> None:
    [request] = http1.RequestParser().feed(b"GET / HTTP/1.1\r\nConnection: keep-alive\r\n\r\n")
    request.keep_alive = False
    [again] = http1.RequestParser().feed(request.encode())
    assert not again.keep_alive


def test_body_over_the_limit_is_cut_where_that_shows() -> None:
    parser = http1.RequestParser(max_body_bytes=10)
    [request] = parser.feed(b"POST / HTTP/1.1\r\nContent-Length: 1000\r\n\r\n" + b"x" * 1000)
    assert len(request.body) == 11


def test_client_may_wait_to_be_told_to_send_its_body() -> None:
    parser = http1.RequestParser()
    assert parser.feed(b"PUT / HTTP/1.1\r\nExpect: 100-Continue\r\nContent-Length: 1\r\n\r\n") == []
    assert parser.expects_continue
    [request] = parser.feed(b"x")
    assert request.body == b"x"
    assert not parser.expects_continue


def test_upgrade_is_declined() -> None:
    data = b"GET / HTTP/1.1\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n"
    [request] = http1.RequestParser().feed(data)
    assert not request.keep_alive


@pytest.mark.parametrize(
    "data",
    [
        b"\x00\x01\x02",
        b"GET / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
        b"GET / HTTP/1.1\r\nX: " + b"x" * http1.MAX_HEAD_BYTES + b"\r\n\r\n",
    ],
)
def test_what_is_no_request_is_refused(data: bytes) -> None:
    with pytest.raises(http1.MalformedRequestError):
        http1.RequestParser().feed(data)


def test_response_to_head_has_the_length_of_what_it_leaves_out() -> None:
    response = http1.encode_response(200, [], b"body", to=http1.Request("HEAD"))
    assert b"Content-Length: 4\r\n" in response
    assert response.endswith(b"\r\n\r\n")


def test_response_without_content_has_no_length() -> None:
    assert b"Content-Length" not in http1.encode_response(204, [], b"")


def test_tunnel_carries_both_ways_until_one_closes() -> None:
    listener = socket.create_server(("127.0.0.1", 0))
    client, ours = socket.socketpair()
    thread = threading.Thread(
        target=http1.tunnel, args=(ours, listener.getsockname(), b"sent already,")
    )
    thread.start()
    with listener, client:
        server, _ = listener.accept()
        with server:
            client.sendall(b"sent later")
            received = b""
            while len(received) < len(b"sent already,sent later"):
                received += server.recv(100)
            assert received == b"sent already,sent later"
            server.sendall(b"answer")
            assert client.recv(100) == b"answer"
        assert client.recv(100) == b""
        thread.join(5)
        assert not thread.is_alive()


def test_response_may_come_in_pieces_and_in_chunks() -> None:
    client, server = socket.socketpair()
    with client, server:
        server.sendall(
            b"HTTP/1.1 200 OK\r\nX-A: 1\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n"
        )
        threading.Timer(0, server.sendall, [b"2\r\nde\r\n0\r\n\r\n"]).start()
        response = http1.ask(client, b"request")
        assert server.recv(100) == b"request"
    assert (response.status, response.body, response.keep_alive) == (200, b"abcde", True)
    assert ("X-A", "1") in response.headers


def test_connection_that_ends_before_its_response_is_an_error() -> None:
    client, server = socket.socketpair()
    with client:
        server.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nabc")
        server.shutdown(socket.SHUT_WR)
        with server, pytest.raises(ConnectionResetError, match="before its response ended"):
            http1.ask(client, b"request")


def test_what_is_no_response_is_an_error() -> None:
    client, server = socket.socketpair()
    with client, server:
        server.sendall(b"SSH-2.0\r\n\r\n")
        with pytest.raises(http1.MalformedResponseError):
            http1.ask(client, b"request")
