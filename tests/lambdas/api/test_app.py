import json

import pytest

from tests.lambdas.api.client import ApiClient
from tests.lambdas.aws import InMemoryQueue
from tests.lambdas.builders import REQUEST_ID
from tests.lambdas.journal import Journal


def test_queue_failure_is_a_500_with_retry_after(
    api: ApiClient, queue: InMemoryQueue, journal: Journal
) -> None:
    queue.refuses("SendMessage", "ServiceUnavailable", status=503)

    answer = api.post_json(tenant_id="acme", log_id="log-001", text="a")

    answer.assert_refused(500, "Failed to publish message to queue")
    assert answer.body["log_id"] == "log-001"
    assert answer.headers["Retry-After"] == "5"
    assert journal.metrics() == {"PublishFailed": [1]}
    line = journal.line("publish failed")
    assert (line["tenant_id"], line["log_id"]) == ("acme", "log-001")
    assert line["reason"] == "ClientError: ServiceUnavailable from SendMessage"


def test_log_without_id_that_may_be_in_the_queue_can_be_sent_again_as_the_same_log(
    api: ApiClient, queue: InMemoryQueue
) -> None:
    """The queue took the message, and its answer was lost."""
    queue.loses_answer("SendMessage")
    lost = api.post_json(tenant_id="acme", text="a")
    queue.recovers()

    again = api.post_json(tenant_id="acme", text="a", log_id=lost.body["log_id"])

    lost.assert_refused(500, "Failed to publish message to queue")
    assert again.status == 202
    first, second = (json.loads(message["MessageBody"])["log_id"] for message in queue.sent)
    assert first == second == lost.body["log_id"]


@pytest.mark.parametrize("step", ["message_from", "json_response"])
def test_unexpected_error_of_an_ingest_names_the_log(
    api: ApiClient, queue: InMemoryQueue, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    """After the second one the log is in the queue."""
    monkeypatch.delattr(f"api.app.{step}")

    answer = api.post_json(tenant_id="acme", text="a")

    answer.assert_refused(500, "Unexpected error")
    sent = [json.loads(message["MessageBody"])["log_id"] for message in queue.sent]
    assert sent == ([answer.body["log_id"]] if step == "json_response" else [])
    assert answer.headers["Retry-After"] == "5"


def test_unexpected_error_is_logged_with_its_place_only(
    api: ApiClient, journal: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delattr("api.app.message_from")

    answer = api.post_json(tenant_id="acme", text="a")

    answer.assert_refused(500, "Unexpected error")
    assert journal.line("unexpected error")["reason"].startswith("NameError at api.app:")


def test_health_calls_no_service(api: ApiClient, queue: InMemoryQueue) -> None:
    queue.is_unreachable()

    answer = api.call(method="GET", path="/health")

    assert answer.status == 200
    assert answer.body == {"status": "ok", "request_id": REQUEST_ID}
    assert not queue.calls


@pytest.mark.parametrize("path", ["/", "/ingest/", "/INGEST", "/health/live", "/favicon.ico", ""])
def test_unknown_path_is_not_found(api: ApiClient, path: str) -> None:
    api.call(path=path).assert_refused(404, "the paths are /ingest and /health")


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("GET", "/ingest", "POST"),
        ("OPTIONS", "/ingest", "POST"),
        ("POST", "/health", "GET"),
        ("HEAD", "/health", "GET"),
    ],
)
def test_wrong_method_is_answered_with_the_allowed_one(
    api: ApiClient, method: str, path: str, allowed: str
) -> None:
    answer = api.call(method=method, path=path)

    answer.assert_refused(405, f"{path} takes {allowed}, not {method}")
    assert answer.headers["Allow"] == allowed


def test_accepted_log_is_logged_and_counted_without_its_text(
    api: ApiClient, journal: Journal
) -> None:
    api.post_json(tenant_id="acme", log_id="555-0199", text="secret 555-0188")

    line = journal.line("accepted")
    assert line["tenant_id"] == "acme"
    assert line["log_id"] == "[REDACTED]"
    assert line["request_id"] == REQUEST_ID
    assert line["message_id"] == "message-1"
    assert line["characters"] == len("secret 555-0188")
    assert "secret" not in journal.text()
    assert journal.metrics() == {"Accepted": [1]}


def test_refused_log_is_logged_and_counted_without_its_text(
    api: ApiClient, journal: Journal
) -> None:
    api.post_json(tenant_id="555-0199", log_id="", text="secret")

    line = journal.line("rejected")
    assert line["status"] == 400
    assert line["reason"].startswith("InvalidInputError: log_id is ''")
    assert "secret" not in journal.text()
    assert journal.metrics() == {"Rejected": [1]}
