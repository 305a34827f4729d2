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


def test_line_and_metrics_are_one_line(journal: Journal) -> None:
    """Embedded metric format: `_aws` names the metrics, whose values are members of the line."""
    journal.telemetry.count("Stored", "stored", {"log_id": "a"}, {"ProcessingSeconds": 5.12345})
    journal.telemetry.count("Stored", "stored", {"log_id": "b"}, {"ProcessingSeconds": 0.2})

    first, second = journal.lines()
    assert (first["message"], first["log_id"], second["log_id"]) == ("stored", "a", "b")
    assert (first["Stored"], first["ProcessingSeconds"]) == ([1], [5.123])
    [directive] = first["_aws"]["CloudWatchMetrics"]
    assert directive["Namespace"] == "Test"
    assert [metric["Name"] for metric in directive["Metrics"]] == ["Stored", "ProcessingSeconds"]
    assert {*directive["Dimensions"][0]} <= first.keys()
    assert first["location"].startswith("test_line_and_metrics_are_one_line:")
    assert journal.metrics() == {"Stored": [1, 1], "ProcessingSeconds": [5.123, 0.2]}


def test_counted_line_holds_no_phone_number(journal: Journal) -> None:
    journal.telemetry.count("Stored", "stored", {"log_id": "call 555-0199"})

    assert journal.line("stored")["log_id"] == "call [REDACTED]"


def test_metrics_outlive_the_log_level(journal: Journal) -> None:
    journal.telemetry.logger.setLevel("ERROR")
    journal.telemetry.count("Stored", "stored", {})

    assert journal.lines() == []
    assert journal.metrics() == {"Stored": [1]}


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
