import json
import re
from dataclasses import asdict, replace
from datetime import datetime
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from pipeline.contract import MAX_TEXT_BYTES, Message, Source, timestamp
from pipeline.errors import InvalidInputError, TooLargeError
from pipeline.redaction import redact
from tests.lambdas.builders import MESSAGE, message_body
from tests.lambdas.strategies import JSON_VALUES, MESSAGES, RECEIVED_AT

SURROGATE = "\ud83d"


@given(MESSAGES)
def test_message_survives_the_queue(message: Message) -> None:
    assert Message.from_body(message.to_body()) == message


@given(MESSAGES)
def test_body_holds_only_characters_that_sqs_takes(message: Message) -> None:
    for character in message.to_body():
        assert character >= " "
        assert character not in "\ufffe\uffff"


def test_body_costs_no_more_than_the_utf8_of_the_text() -> None:
    message = replace(MESSAGE, text="日本" * 1000)

    assert len(message.to_body().encode()) < 6_000 + 300


@given(JSON_VALUES)
def test_any_json_is_a_message_or_an_input_error(value: object) -> None:
    with pytest.raises(InvalidInputError):
        Message.from_body(json.dumps(value))


@given(st.text())
def test_any_text_is_a_message_or_an_input_error(text: str) -> None:
    with pytest.raises(InvalidInputError):
        Message.from_body(text)


@given(st.sampled_from(list(asdict(MESSAGE))), JSON_VALUES)
def test_any_value_of_any_field_is_a_message_or_an_input_error(name: str, value: object) -> None:
    try:
        message = Message.from_body(message_body(**{name: value}))
    except InvalidInputError:
        return
    assert getattr(message, name) == value


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"tenant_id": ...}, "Missing field 'tenant_id'"),
        ({"tenant_id": None}, "'tenant_id' is null: it must be a string"),
        ({"tenant_id": 7}, "'tenant_id' is a number: it must be a string"),
        ({"tenant_id": True}, "'tenant_id' is a boolean: it must be a string"),
        ({"log_id": []}, "'log_id' is an array: it must be a string"),
        ({"text": {}}, "'text' is an object: it must be a string"),
        ({"tenant_id": ""}, "tenant_id is '': it must be 1 to 128 of"),
        ({"tenant_id": "-acme"}, "start with a letter or digit"),
        ({"tenant_id": "acme\n"}, r"tenant_id is 'acme\\n'"),
        ({"tenant_id": "a" * 129}, r"\.\.\. \(129 characters\)"),
        ({"log_id": ""}, "log_id is '': it must be 1 to 256 printable characters"),
        ({"log_id": "   "}, "not only spaces"),
        ({"log_id": "a\tb"}, r"log_id is 'a\\tb'"),
        ({"log_id": SURROGATE}, "log_id is"),
        ({"log_id": "l" * 257}, "log_id is"),
        ({"text": ""}, "Empty text"),
        ({"text": " \n\t\u00a0"}, "Empty text"),
        ({"text": "ab" + SURROGATE}, "half a surrogate pair at character 2"),
        ({"source": "Fax!"}, "source is 'Fax!': it must be 1 to 64 of a-z 0-9 _"),
        ({"received_at": "yesterday"}, "received_at is 'yesterday': it must look like"),
        ({"received_at": "2026-11-22T21:47:15Z"}, "received_at"),
        ({"received_at": "2026-11-22T21:47:15.123456+00:00"}, "received_at"),
        ({"received_at": "2026-11-22T22:47:15.123456+01:00"}, "received_at"),
        ({"received_at": "2026-13-22T21:47:15.123456Z"}, "received_at"),
        ({"received_at": "2026-11-22T21:47:15.123456"}, "received_at"),
        ({"request_id": ""}, "request_id is ''"),
        ({"request_id": "a" * 257}, "request_id"),
    ],
)
def test_message_that_breaks_the_contract_is_refused(
    changes: dict[str, Any], complaint: str
) -> None:
    with pytest.raises(InvalidInputError, match=complaint):
        Message.from_body(message_body(**changes))


BODIES_OF_EARLIER_VERSIONS = {
    "0.1.0": (
        '{"tenant_id":"acme","log_id":"log-001","source":"json_upload",'
        '"text":"User 555-0199 logged in","received_at":"2026-11-22T21:47:15.123456Z",'
        '"request_id":"JKJaXmPLvHcESHA="}'
    ),
}


@pytest.mark.parametrize("version", BODIES_OF_EARLIER_VERSIONS)
def test_message_of_an_earlier_version_is_read(version: str) -> None:
    message = Message.from_body(BODIES_OF_EARLIER_VERSIONS[version])

    assert message == replace(MESSAGE, received_at="2026-11-22T21:47:15.123456Z")


@pytest.mark.parametrize("version", BODIES_OF_EARLIER_VERSIONS)
def test_worker_of_an_earlier_version_finds_what_it_needs(version: str) -> None:
    needed = json.loads(BODIES_OF_EARLIER_VERSIONS[version])

    sent = json.loads(MESSAGE.to_body())

    assert {name: type(sent[name]) for name in needed} == dict.fromkeys(needed, str)
    # that worker refuses a time of any other form
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z", sent["received_at"])


LATER_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**9), 10**9) | st.text(),
    lambda values: st.lists(values) | st.dictionaries(st.text(), values),
    max_leaves=5,
)


@given(name=st.text(), value=LATER_VALUES)
def test_field_of_a_later_version_is_ignored(name: str, value: object) -> None:
    assume(name not in asdict(MESSAGE))

    assert Message.from_body(message_body(**{name: value})) == MESSAGE


@pytest.mark.parametrize("source", ["otlp", "hec", "loki_2"])
def test_source_of_a_later_version_is_kept(source: str) -> None:
    assert Message.from_body(message_body(source=source)).source == source


@pytest.mark.parametrize(
    "changes",
    [
        {"tenant_id": "a"},
        {"tenant_id": "0.A_-" + "z" * 123},
        {"log_id": "l"},
        {"log_id": " ü 日本 🎉 "},
        {"log_id": "🎉" * 256},
        {"text": "\x00"},
        {"text": " a "},
        {"text": "a" * MAX_TEXT_BYTES},
    ],
)
def test_limits_of_the_contract_are_allowed(changes: dict[str, Any]) -> None:
    assert asdict(Message.from_body(message_body(**changes))) == asdict(MESSAGE) | changes


def test_text_over_the_items_size_is_too_large() -> None:
    with pytest.raises(TooLargeError, match=r"180,001 bytes of UTF-8: at most 180,000"):
        replace(MESSAGE, text="a" * (MAX_TEXT_BYTES + 1))


def test_largest_message_fits_in_one_item() -> None:
    """400 KB, names and values. https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/CapacityUnitCalculations.html"""
    shortest_number = "tel 1234567 "
    text = (shortest_number * (MAX_TEXT_BYTES // len(shortest_number))).strip()
    item = {
        "tenant_id": "a" * 128,
        "log_id": "🎉" * 256,
        "source": Source.JSON_UPLOAD,
        "original_text": text,
        "modified_data": redact(text),
        "processed_at": MESSAGE.received_at,
        "received_at": MESSAGE.received_at,
        "request_id": "🎉" * 256,
        "worker_id": "w" * 512,
        "attempt": "9" * 21,
        "expires_at": "9" * 21,
    }

    assert len(item["modified_data"]) > 1.24 * len(text)
    assert sum(len((name + value).encode()) for name, value in item.items()) < 400 * 1024


@given(st.lists(RECEIVED_AT, min_size=2))
def test_timestamps_compare_as_strings_as_they_do_as_times(stamps: list[str]) -> None:
    for earlier, later in pairwise(sorted(stamps)):
        assert datetime.fromisoformat(earlier) <= datetime.fromisoformat(later)


@given(RECEIVED_AT)
def test_timestamps_have_one_width(stamp: str) -> None:
    assert len(stamp) == len("2026-11-22T21:47:15.123456Z")
    assert timestamp(datetime.fromisoformat(stamp)) == stamp
