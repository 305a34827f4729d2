import html
import json
import re
from collections.abc import Callable
from functools import partial
from pathlib import Path
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from pipeline.redaction import REDACTED, redact
from scripts.redaction_benchmark import Line, expected, read_corpus
from tests.lambdas.pipeline.redaction_texts import ADVERSARIAL, PIECES, is_redacted_within

CORPUS = Path(__file__).parent / "redaction"
LINES = [line for path in sorted(CORPUS.glob("*.txt")) for line in read_corpus(path)]
WITH_NUMBERS = [line for line in LINES if line.numbers]
WITHOUT = [line for line in LINES if not line.numbers]
# docs/redaction.md gives the reasons.
MISSES = (
    "Wien +43 1 58858 0",
    "Duplicate entry '2025550119'",
    '"to":["2025550133"]',
    '"","2025550143","2025550144"',
    "src=12025550161",
)

NUMBERISH = st.lists(PIECES, max_size=12).map("".join)


def shown(lines: list[Line]) -> list[str]:
    return [line.text for line in lines]


def expect_miss(line: Line, request: pytest.FixtureRequest) -> None:
    if any(miss in line.text for miss in MISSES):
        request.applymarker(pytest.mark.xfail)


@pytest.mark.parametrize("line", WITH_NUMBERS, ids=shown(WITH_NUMBERS))
def test_phone_numbers_are_redacted_and_nothing_else(
    line: Line, request: pytest.FixtureRequest
) -> None:
    expect_miss(line, request)

    assert redact(line.text) == expected(line)


@pytest.mark.parametrize("line", WITHOUT, ids=shown(WITHOUT))
def test_other_numbers_stay(line: Line) -> None:
    assert redact(line.text) == line.text


def test_the_corpus_is_large_enough() -> None:
    assert len(WITH_NUMBERS) >= 390
    assert len(WITHOUT) >= 300


@given(NUMBERISH | st.text())
@example("(555) 123-4567(555) 123-4568")
@example("555-123-4567-555-123-4568")
@example("phone 4155550101-4155550102")
@example("555-0199/555-0198+15551234567")
@example("\x1b555-0199")
@example("phones: 555-0199, 4155550101 4155550102")
def test_redacted_text_holds_no_phone_number(text: str) -> None:
    redacted = redact(text)

    assert redact(redacted) == redacted


@given(NUMBERISH | st.text())
@example("ph 5550199," * 20)
@example("tel 5550199," * 20)
@example("tel:5550199," + "5550198," * 20)
def test_text_grows_by_a_quarter_at_most(text: str) -> None:
    """pipeline.contract.MAX_TEXT_BYTES relies on it."""
    size = len(text.encode(errors="surrogatepass"))

    assert len(redact(text).encode(errors="surrogatepass")) <= size * 1.25 + 1


@given(NUMBERISH | st.text())
def test_what_is_not_replaced_stays_as_it_was(text: str) -> None:
    pieces = [re.escape(piece) for piece in redact(text).split(REDACTED)]

    assert re.fullmatch("(?s:.+?)".join(pieces), text)


@given(st.text(st.characters(exclude_categories=["Nd", "No"])))
def test_text_without_digits_stays(text: str) -> None:
    assert redact(text) == text


@given(st.text(st.characters(exclude_categories=["Nd", "No"])), st.just("") | st.just("\n"))
@example("ORDER", "")
def test_number_on_its_own_line_is_redacted_in_any_text(text: str, end: str) -> None:
    assert redact(f"{text}\n555-123-4567\n{end}") == f"{text}\n{REDACTED}\n{end}"


def numbers_of(lines: list[Line]) -> set[str]:
    return {line.text[start:end] for line in lines for start, end in line.numbers}


# Those that are found without what stands beside them
NUMBERS = sorted(
    number
    for number in numbers_of(WITH_NUMBERS)
    if re.fullmatch("[0-9+()./ -]+", number) and " -" not in number and redact(number) == REDACTED
)
ENCODINGS: dict[str, Callable[[str], str]] = {
    "JSON": lambda text: json.dumps(json.dumps(text))[3:-3],
    "JSON escapes": lambda text: "".join(f"\\u{ord(character):04x}" for character in text),
    "JSON escapes in JSON in JSON": lambda text: "".join(rf"\\\\u{ord(c):04X}" for c in text),
    "Python escapes": lambda text: "".join(f"\\x{ord(character):02x}" for character in text),
    "URL": partial(quote, safe=""),
    "URL, all of it": lambda text: "".join(f"%{ord(character):02X}" for character in text),
    # one plus sign for several spaces: two could be a space and the next number's
    "form": lambda text: quote_plus(re.sub(" +", " ", text)),
    "URL in a URL": lambda text: quote(quote(text, safe=""), safe=""),
    "URL in a URL in a URL": lambda text: quote(quote(quote(text, safe=""), safe=""), safe=""),
    "HTML, decimal": lambda text: "".join(f"&#{ord(character)};" for character in text),
    "HTML, hex": lambda text: "".join(f"&#x{ord(character):x};" for character in text),
    "HTML, named": lambda text: text.replace("+", "&plus;").replace(" ", "&nbsp;"),
    "HTML in HTML": lambda text: html.escape("".join(f"&#{ord(c)};" for c in text)),
    "HTML in JSON": lambda text: "".join(f"\\u0026#{ord(character)};" for character in text),
    "JSON in a URL": lambda text: quote("".join(f"\\u{ord(c):04x}" for c in text), safe=""),
    "full width": lambda text: "".join(chr(ord(c) + 0xFEE0) if c != " " else c for c in text),
    "zero width spaces": "\u200b".join,
    "soft hyphens": "\u00ad".join,
    "bidirectional marks": "\u2066\u2069".join,
    "escaped zero width spaces": "\\u200b".join,
    "colours": "\x1b[1m\x1b[K".join,
    "escaped colours": "\\u001b[0m".join,
    "rsyslog's colours": "#033[0m".join,
}


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_encoded_phone_numbers_are_redacted(encoding: str) -> None:
    texts = [f"from {ENCODINGS[encoding](number)}, late" for number in NUMBERS]

    assert len(texts) > 200
    assert [text for text in texts if redact(text) != f"from {REDACTED}, late"] == []


@pytest.mark.parametrize("shape", ADVERSARIAL)
def test_time_is_linear_in_the_text(shape: str) -> None:
    assert is_redacted_within(0.05, characters=16_000, shape=shape)
    assert is_redacted_within(0.3, characters=180_000, shape=shape)


@given(st.lists(PIECES, min_size=1, max_size=4).map("".join))
def test_time_is_linear_in_any_repetition(shape: str) -> None:
    assert is_redacted_within(0.05, characters=16_000, shape=shape)
