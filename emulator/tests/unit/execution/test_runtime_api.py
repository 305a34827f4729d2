"""The Lambda Runtime API against a client that speaks it."""

import http.client
import os
import threading
import time
from collections.abc import Iterator

import pytest

from localstack_serverless.execution.runtime_api import Ending, RuntimeApi


@pytest.fixture
def log() -> bytearray:
    return bytearray()


@pytest.fixture
def api(log: bytearray) -> Iterator[RuntimeApi]:
    read, write = os.pipe()
    os.set_blocking(read, False)
    os.write(write, b"said\n")
    api = RuntimeApi(read, log.extend)
    yield api
    api.close()
    os.close(write)


def in_thread(call: object) -> threading.Thread:
    thread = threading.Thread(target=call)  # type: ignore[arg-type]
    thread.start()
    return thread


def test_event_goes_out_and_response_comes_back(api: RuntimeApi, log: bytearray) -> None:
    seen: list[tuple[int, bytes]] = []

    def runtime() -> None:
        connection = http.client.HTTPConnection(api.address, timeout=5)
        connection.request("GET", "/2018-06-01/runtime/invocation/next")
        answer = connection.getresponse()
        seen.append((answer.status, answer.read()))
        connection.request("POST", "/2018-06-01/runtime/invocation/id/response", b"done")
        seen.append((connection.getresponse().status, b""))
        connection.close()

    thread = in_thread(runtime)
    deadline = time.monotonic() + 5
    assert api.wait_until_ready(deadline).ending is Ending.NEXT
    report = api.invoke(b"event", [("Lambda-Runtime-Aws-Request-Id", "id")], deadline)
    thread.join()
    assert (report.ending, report.payload) == (Ending.RESPONSE, b"done")
    assert seen == [(200, b"event"), (202, b"")]
    assert log == b"said\n"


def test_runtime_that_never_asks_times_out(api: RuntimeApi) -> None:
    assert api.wait_until_ready(time.monotonic() + 0.05).ending is Ending.TIMED_OUT


def test_init_error_carries_what_the_runtime_said(api: RuntimeApi) -> None:
    def runtime() -> None:
        connection = http.client.HTTPConnection(api.address, timeout=5)
        connection.request("POST", "/2018-06-01/runtime/init/error", b'{"errorType": "X"}')
        connection.getresponse().read()
        connection.close()

    thread = in_thread(runtime)
    report = api.wait_until_ready(time.monotonic() + 5)
    thread.join()
    assert (report.ending, report.payload) == (Ending.INIT_ERROR, b'{"errorType": "X"}')
