"""Sending a plan's logs: every answer is recorded, also that there was none."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest
from botocore.exceptions import ClientError

from rdp.chaos import load
from rdp.chaos.load import NO_ANSWER, Book, Load, send_again
from rdp.chaos.plan import Log
from rdp.stack import Fault
from tests.rdp.chaos.builders import log
from tests.rdp.cloud import OUTPUTS, Cloud
from tests.rdp.listeners import listening

LOGS = [replace(log(number), route="json" if number % 2 else "text") for number in range(20)]
ACCEPTED = {"status": "accepted", "request_id": "mine"}


@contextmanager
def _api(cloud: Cloud, answer: object, status: int) -> Iterator[None]:
    with listening({"/ingest": answer}, status=status) as url:
        cloud.outputs = replace(OUTPUTS, api_invoke_url=url)
        yield


def _sent(cloud: Cloud, logs: list[Log]) -> Book:
    """What the load of these logs recorded, sent as fast as possible."""
    book = Book()
    with Load(cloud.stack, logs, book, seconds=0.1) as sending:
        sending.wait_for(len(logs))
    return book


def test_every_version_of_every_log_is_sent_once(cloud: Cloud) -> None:
    logs = [*LOGS[1:], replace(LOGS[0], versions=2)]
    with _api(cloud, ACCEPTED, 202):
        book = _sent(cloud, logs)

    sent = [(request.log.log_id, request.version) for request in book.requests]
    assert sorted(sent) == sorted([*((log.log_id, 1) for log in LOGS), ("log-0", 2)])
    assert {(request.status, request.request_id) for request in book.requests} == {(202, "mine")}
    assert book.refused() == []


@pytest.mark.parametrize("answer", ["<html>", [], "[" * 100_000, {"error": "no"}])
def test_answer_that_is_not_the_pipelines_has_no_request(cloud: Cloud, answer: object) -> None:
    with _api(cloud, answer, 503):
        book = _sent(cloud, LOGS[:1])

    [request] = book.requests
    assert (request.status, request.request_id) == (503, "")


def test_no_answer_is_recorded_too(cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(load, "_PAUSE_SECONDS", 0)

    book = _sent(cloud, LOGS[:2])

    assert {request.status for request in book.requests} == {NO_ANSWER}
    assert len(book.refused()) == 2


def test_refused_logs_are_sent_again(cloud: Cloud) -> None:
    with _api(cloud, {}, 500):
        book = _sent(cloud, LOGS[:3])
    with _api(cloud, ACCEPTED, 202):
        send_again(cloud.stack, book.refused(), book)

    assert book.refused() == []
    assert len(book.ledger().accepted) == 3


@pytest.mark.parametrize("code", ["", "ServiceUnavailable"])
def test_queue_that_refuses_a_message_counts_as_500(cloud: Cloud, code: str) -> None:
    carrier = replace(LOGS[0], route="queue", fault=Fault("kill"))
    if code:
        cloud.sqs.refuses("SendMessageBatch", code, status=503)
    else:
        cloud.sqs.refuses_body = lambda _body: True

    [request] = _sent(cloud, [carrier]).requests

    assert request.status == 500


def test_failure_of_the_sender_ends_the_load(cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise ClientError({}, "SendMessage")

    monkeypatch.setattr(load, "send", fail)

    with pytest.raises(ClientError):
        _sent(cloud, LOGS)


def test_interrupted_load_stops(cloud: Cloud) -> None:
    book = Book()

    def send_until_interrupted() -> None:
        with Load(cloud.stack, LOGS, book, seconds=100) as sending:
            sending.wait_for(1)
            raise KeyboardInterrupt

    with _api(cloud, ACCEPTED, 202), pytest.raises(KeyboardInterrupt):
        send_until_interrupted()
    assert 1 <= len(book.requests) < len(LOGS)
