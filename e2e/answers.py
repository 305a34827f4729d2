"""What every answer of the API must look like."""

import uuid
from http import HTTPStatus

import requests


def assert_accepted(answer: requests.Response) -> str:
    """Returns the log's id."""
    assert answer.status_code == 202, answer.text
    assert answer.headers["Content-Type"] == "application/json"
    fields = answer.json()
    assert set(fields) == {"status", "log_id", "request_id"}
    assert fields["status"] == "accepted"
    assert fields["request_id"]
    return str(fields["log_id"])


def assert_refused(answer: requests.Response, status: int, fragment: str) -> None:
    """An error in our format whose message contains the fragment, in upper or lower case."""
    assert answer.status_code == status, answer.text
    assert answer.headers["Content-Type"] == "application/json"
    fields = answer.json()
    assert set(fields) == {"error", "message", "request_id"}
    assert fields["error"] == HTTPStatus(status).phrase
    assert fragment.lower() in fields["message"].lower()
    assert fields["request_id"]


def is_random_uuid(text: str) -> bool:
    try:
        parsed = uuid.UUID(text)
    except ValueError:
        return False
    return parsed.version == 4 and str(parsed) == text
