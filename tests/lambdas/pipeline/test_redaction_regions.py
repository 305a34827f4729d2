"""Redaction with the formats of configured regions."""

from pathlib import Path

import phonenumbers
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from pipeline.redaction import REDACTED, Regions, known_regions, redact
from scripts.redaction_benchmark import Line, expected, parse_line, read_corpus
from tests.lambdas.pipeline.redaction_texts import ADVERSARIAL, PIECES, is_redacted_within

CORPUS = Path(__file__).parent / "redaction"
ALL: Regions = tuple(sorted(known_regions()))
SOME: Regions = ("DE", "PL", "US")


def read_lines() -> list[tuple[str, Line]]:
    lines = (
        Path(__file__).with_name("redaction_regions.txt").read_text(encoding="utf-8").splitlines()
    )
    pairs = [line.split(" ", 1) for line in lines if not line.startswith("#")]
    return [(region, parse_line(marked)) for region, marked in pairs]


LINES = read_lines()


@pytest.mark.parametrize(
    ("region", "line"), LINES, ids=[f"{region} {line.text}" for region, line in LINES]
)
def test_numbers_are_redacted_as_the_region_prints_them(region: str, line: Line) -> None:
    assert redact(line.text, (region,)) == expected(line)


@pytest.mark.parametrize("name", ["positive", "negative", "software", "encoded"])
def test_regions_add_no_false_alarm_to_the_corpus(name: str) -> None:
    lines = read_corpus(CORPUS / f"{name}.txt")

    changed = [line.text for line in lines if redact(line.text, SOME) != redact(line.text)]

    assert changed == []


def national_examples() -> list[tuple[str, str]]:
    kinds = (phonenumbers.PhoneNumberType.FIXED_LINE, phonenumbers.PhoneNumberType.MOBILE)
    found = []
    for region in ALL:
        for kind in kinds:
            number = phonenumbers.example_number_for_type(region, kind)
            if number is not None:
                national = phonenumbers.PhoneNumberFormat.NATIONAL
                found.append((region, phonenumbers.format_number(number, national)))
    return found


def test_examples_of_the_library_are_found() -> None:
    """Except those with six digits and fewer."""
    grouped = [(region, shown) for region, shown in national_examples() if not shown.isdigit()]

    missed = [
        (region, shown)
        for region, shown in grouped
        if redact(f"reached {shown}.", (region,)) != f"reached {REDACTED}."
    ]

    assert len(grouped) > 400
    assert len(missed) < 0.05 * len(grouped), missed


NUMBERISH = st.lists(
    PIECES
    | st.sampled_from(
        [
            *("601 234 567", "(22) 123 45 67", "0171 39 200 12", "6123 4567", "12 34 56 78"),
            *("(0342) 123456", "99 123 456", "  ", "44", "0", "601.234.567"),
        ]
    ),
    max_size=12,
).map("".join)


@given(NUMBERISH, st.sampled_from([("PL",), SOME, ALL]))
@example("601 234 567/601 234 568", ("PL",))
@example("601 234 567:601 234 568", ("PL",))
@example("phone 12 34 56, 5551234567", ALL)
@example("555-0199+44 20 7946 0958 ms", ALL)
def test_redacted_text_holds_no_phone_number(text: str, regions: Regions) -> None:
    redacted = redact(text, regions)

    assert redact(redacted, regions) == redacted


@given(NUMBERISH, st.sampled_from([("PL",), SOME, ALL]))
def test_text_grows_by_a_quarter_at_most(text: str, regions: Regions) -> None:
    size = len(text.encode(errors="surrogatepass"))

    assert len(redact(text, regions).encode(errors="surrogatepass")) <= size * 1.25 + 1


DIGITS = [shape for shape in ADVERSARIAL if not shape.strip("0123456789 \t+-./(),")]


@pytest.mark.parametrize(
    "shape",
    [*DIGITS, "12 ", "601 234 567 ", "601 ", "6123 4567 ", "1234.", "(22) 1", "555-0199 ms "],
)
def test_time_is_linear_in_the_text(shape: str) -> None:
    assert is_redacted_within(0.05, characters=16_000, shape=shape, regions=SOME)
    # half as much again as without regions: each place is looked at once more
    assert is_redacted_within(0.45, characters=180_000, shape=shape, regions=SOME)
