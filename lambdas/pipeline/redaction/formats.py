"""Formats that are phone numbers anywhere.

A candidate is a place where a number could begin; there the formats are tried. All repetitions are
bounded, so that the time is linear in the text's length.

Redacting a redacted text changes nothing, because a number is found whether its neighbour is one
that was found too, or [REDACTED]. So what may stand before a number and what may follow it exclude
the same neighbours, and directly after a number the formats are tried whatever stands there.
"""

import re
from collections.abc import Iterator
from typing import Protocol

from pipeline.redaction.surroundings import (
    NUMBER_ENDS,
    end_of_date_or_card,
    end_of_digits,
    end_of_number,
    has_unit,
    is_in_column,
    is_named_otherwise,
)

Span = tuple[int, int]

# Not inside a word, a hyphenated name, a decimal number or a time, not a time zone, not a price.
_STARTS = r"[\d(+](?<!\w\d)(?<!\w-\d)(?<!\d[.:]\d)(?<!:\d\d,\d)(?<![$€£¥]\d)(?<![\w\]]\+)"
_CANDIDATE = re.compile(
    rf"{_STARTS}(?:(?<!\()|(?=\+|\d{{1,6}}\)))"
    rf"(?:(?<!\+)|(?=[ ]?[1-9](?:[^\w+]{{0,6}}\d){{7}}))(?=(?:[ \t./()+-]{{0,4}}\d){{6}})"
)
_GLUE = r"[ ,;/|:&]?"
_GLUED = re.compile(rf"{_GLUE}(?=[\d(+])")

_GAP = r"(?:[ ]?-[ ]?|\.|[ ]{1,2})"
_WIDE = r"[ ]{1,4}|\t"
# After the country code: (0)20 7946 0958, (30) 901820, 20 7946 0958; or all groups equally wide
# apart
_ABROAD = r"(?:[ -]?\(\d{1,5}\))?(?:[ ./-]{0,2}\d){5,12}(?<![ ]\d)"
_ABROAD_WIDE = r"(?P<{0}>\t|[ ]{{2,4}})\d{{1,5}}(?:(?P={0})\d{{2,5}}){{1,4}}"

_PLUS_FIRST = rf"""
    \+(?:
        # +1 555 123 4567: the only numbering plan with a fixed length
        [ ]?1[ \t.-]{{0,4}}\(?\d{{3}}\)?[ \t.-]{{0,4}}\d{{3}}[ \t.-]{{0,4}}\d{{4}}
      | [ ]?(?=[1-9](?:[^\w+]{{0,4}}\d){{7}})
        # not a signed decimal number; but +44.2079460958, the format of domain registries, is one
        (?!\d{{1,3}}\.(?:\d{{1,8}}|\d{{13,}})(?!\d|[ .-]\d)|\d{{4,}}\.\d{{1,4}}(?!\d|[ .-]\d))
        \d{{1,3}}(?:{_ABROAD}|{_ABROAD_WIDE.format("plus")})
    )
"""
_PARENTHESIS_FIRST = rf"""
    \((?:
        \+[1-9]\d{{0,2}}\){_ABROAD}                               # (+44) 20 7946 0958
      | \d{{3}}\)[ \t.-]{{0,4}}\d{{3}}[ \t.-]{{0,4}}\d{{4}}      # (555) 123-4567
      | 0[1-9]\d{{0,3}}\)(?:[ ./-]{{0,2}}\d){{6,8}}               # (02) 9876 5432
      | \d{{2,4}}\)[ ]?\d{{3,5}}[ .-]\d{{3,4}}                    # (11) 91234-5678
    )
"""
# With the trunk prefix 0, in nine to eleven digits: 020 7946 0958, 01 42 68 53 00, 0171/1234567
_TRUNK = "|".join(
    rf"0[1-9]\d{{{n}}}(?:[ ./-]{{1,2}}|[ ]{{3,4}}|\t)\d(?:(?:[ ./-]{{0,2}}|[ ]{{3,4}}|\t)\d)"
    rf"{{{6 - n},{8 - n}}}"
    for n in range(4)
)
_DIGIT_FIRST = rf"""
    (?:1[ .-])?\d{{3}}(?:[ ]?-[ ]?|\.)\d{{3}}{_GAP}\d{{4}}        # 555-123-4567
    # 555 123 4567, unless a column of figures or a timer comes before it
  | (?P<alone>)(?:1(?:{_WIDE}))?\d{{3}}(?P<gap>{_WIDE})\d{{3}}(?:(?P=gap)|[ ]?-[ ]?|\.)\d{{4}}
  | \d{{3}}-\d{{4}}                                               # 555-0199
  | 1[ .-]?\(\d{{3}}\)[ .-]{{0,2}}\d{{3}}{_GAP}?\d{{4}}           # 1 (555) 123-4567
  | (?:00|011)[ .-]?[1-9]\d{{0,2}}(?=[ -]){_ABROAD}               # 0044 20 7946 0958
  | (?:00|011)[ .-]?[1-9]\d{{0,2}}{_ABROAD_WIDE.format("prefix")}
  | 00[1-9]\d{{10,12}} | 011[1-9]\d{{9,12}}                       # 00442079460958
  | (?P<trunk>)(?:{_TRUNK})
  | 1[3-9]\d(?P<dash>[ -])\d{{4}}(?P=dash)\d{{4}}                 # 138 0013 8000
  | 8[ -](?:\(\d{{3}}\)|\d{{3}})[ -]\d{{3}}-\d{{2}}-\d{{2}}       # 8 (495) 123-45-67
"""

_NUMBER = re.compile(
    rf"(?:{_PARENTHESIS_FIRST}|{_PLUS_FIRST}|(?=\d)(?:{_DIGIT_FIRST})){NUMBER_ENDS}",
    re.VERBOSE,
)


class Formats(Protocol):
    def __call__(self, text: str, start: int, *, glued: bool) -> tuple[int | None, int]:
        """Where the number at `start` ends, if there is one, and from where to search on.

        :param glued: it follows a number that was found
        """


def find_formats(text: str, more: Formats | None = None) -> Iterator[Span]:
    """:param more: tried where no number with a general format begins"""
    start = _next_candidate(text, 0)
    glued = False
    while start is not None:
        end, resume = _try(text, start, more, glued=glued)
        if end is not None:
            yield start, end
        following = _GLUED.match(text, end) if end is not None else None
        glued = following is not None
        start = following.end() if following else _next_candidate(text, resume)


def _next_candidate(text: str, position: int) -> int | None:
    candidate = _CANDIDATE.search(text, position)
    return candidate.start() if candidate else None


def _try(text: str, start: int, more: Formats | None, *, glued: bool) -> tuple[int | None, int]:
    if text[start].isdigit() and (other_end := end_of_date_or_card(text, start)):
        return None, other_end
    match = _NUMBER.match(text, start)
    if match is not None:
        return _checked(text, match, glued=glued)
    if more is not None and "+" not in text[max(0, start - 1) : start + 1]:
        return more(text, start, glued=glued)
    return None, start + 1


def _checked(text: str, match: re.Match[str], *, glued: bool) -> tuple[int | None, int]:
    start = match.start()
    if not glued:
        could_be_figures = match["alone"] is not None or match["trunk"] is not None
        if could_be_figures and is_in_column(text, start):
            return None, start + 1
        if is_named_otherwise(text, start, match.end()):
            return None, end_of_digits(text, start)
    end = end_of_number(text, match.end())
    if end is None or has_unit(text, end):
        return None, start + 1
    return end, end
