from dataclasses import replace

import pytest
from botocore.exceptions import ClientError, ReadTimeoutError

from pipeline.errors import InvalidInputError
from pipeline.telemetry import reason
from tests.lambdas.journal import Journal


def test_line_holds_the_event_and_its_details(journal: Journal) -> None:
    journal.telemetry.info("stored", tenant_id="acme", attempt=2)

    line = journal.line("stored")
    assert line["level"] == "INFO"
    assert (line["tenant_id"], line["attempt"]) == ("acme", 2)
    assert line["location"].startswith("test_line_holds_the_event_and_its_details:")


@pytest.mark.parametrize("level", ["info", "warning", "error"])
def test_no_line_holds_a_phone_number(journal: Journal, level: str) -> None:
    getattr(journal.telemetry, level)("event", log_id="call 555-0199")

    assert journal.line("event")["log_id"] == "call [REDACTED]"
    assert "555-0199" not in journal.text()


def test_no_line_holds_a_number_of_the_configured_regions(journal: Journal) -> None:
    replace(journal.telemetry, regions=("PL",)).info("event", log_id="call 601 234 567")

    assert journal.line("event")["log_id"] == "call [REDACTED]"


def test_counts_and_times_are_emitted_at_once(journal: Journal) -> None:
    journal.telemetry.emit_metrics("Stored", ProcessingSeconds=5.1)
    journal.telemetry.emit_metrics("Stored", ProcessingSeconds=0.2)

    assert journal.metrics() == {"Stored": [1, 1], "ProcessingSeconds": [5.1, 0.2]}


def test_reason_of_our_own_error_is_its_message() -> None:
    assert reason(InvalidInputError("Empty text")) == "InvalidInputError: Empty text"


def test_reason_of_a_refusal_is_its_code() -> None:
    error = ClientError({"Error": {"Code": "ValidationException", "Message": "secret"}}, "PutItem")

    assert reason(error) == "ClientError: ValidationException from PutItem"


def test_reason_of_any_other_error_is_its_place() -> None:
    with pytest.raises(ValueError, match="secret") as caught:
        int("secret")

    assert reason(caught.value).startswith(f"ValueError at {__name__}:")


def test_reason_of_an_error_that_was_never_raised_has_no_place() -> None:
    assert reason(ReadTimeoutError(endpoint_url="a")) == "ReadTimeoutError at an unknown place"
