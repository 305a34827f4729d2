import json
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline import strict_json
from pipeline.errors import InvalidInputError


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("", "Not JSON: Expecting value at line 1, column 1"),
        ('{"a": 1', "Not JSON: Expecting ',' delimiter at line 1, column 8"),
        ("{}{}", "Not JSON: Extra data"),
        ("[]", "must be an object"),
        ("null", "must be an object"),
        ('"text"', "must be an object"),
        ('{"a": 1, "b": 2, "a": 3}', "The name 'a' appears twice"),
        ('{"a": {"b": 1, "b": 1}}', "The name 'b' appears twice"),
        ('{"a": NaN}', "NaN is not a JSON number"),
        ('{"a": -Infinity}', "-Infinity is not a JSON number"),
        ("[" * 100_000, "nested too deeply"),
        ('{"a":' * 100_000, "nested too deeply"),
        ('{"a": ' + "9" * 5_000 + "}", "too many digits"),
    ],
)
def test_json_that_parsers_read_differently_is_refused(text: str, complaint: str) -> None:
    with pytest.raises(InvalidInputError, match=complaint):
        strict_json.loads_object(text)


@given(st.text())
def test_any_text_is_an_object_or_an_input_error(text: str) -> None:
    with suppress(InvalidInputError):
        assert isinstance(strict_json.loads_object(text), dict)


@given(st.dictionaries(st.text(), st.text() | st.integers() | st.booleans()))
def test_what_is_dumped_is_loaded(value: dict[str, object]) -> None:
    assert strict_json.loads_object(strict_json.dumps(value)) == value
    assert json.loads(strict_json.dumps(value)) == value
