"""National numbers without a label, as the configured regions print them.

regions.json has the formats; scripts/redaction_regions.py makes it of the metadata of
phonenumberslite. A run of grouped digits is a number if one of the formats has groups of the same
lengths, and if its digits are among the region's numbers.
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from itertools import product
from operator import add
from pathlib import Path
from typing import TypedDict

from pipeline.redaction.surroundings import (
    end_of_number,
    has_unit,
    is_in_column,
    is_named_otherwise,
)

_FILE = Path(__file__).with_name("regions.json")

# Shorter ones stay: a text must not grow by more than a quarter.
_MIN_CHARACTERS = 8
_SEPARATOR = r"(?:\)[ .-]?|[ ]?-[ ]?|\.|[ ])\(?"
_MORE = ""
for _ in range(3):
    _MORE = rf"(?:{_SEPARATOR}(\d{{1,13}}){_MORE})?"
# Up to five groups: no region has more, nor three of one digit.
_RUN = re.compile(
    rf"(?!\d[ .-]\d[ .-]\d\D)(?:\((\d{{1,6}})(?=\))|((?<!\()\d{{1,13}}|(?<=\()\d{{1,13}}(?![\d)])))"
    rf"{_SEPARATOR}(\d{{1,13}}){_MORE}"
)
# An IP address, a decimal number, years, a year and a time zone
_NO_NUMBER = re.compile(
    r"(?:\d{1,3}\.){3}\d{1,3}|\d+\.\d+|(?:19|20)\d\d(?:[ ]?-[ ]?(?:19|20)\d\d|[ ]-[01]\d[03]0)"
)


class _Numbers:
    """Numbers whose groups have the same lengths."""

    __slots__ = ("_compiled", "_patterns")

    def __init__(self, patterns: Iterable[str]) -> None:
        self._patterns = patterns
        self._compiled: re.Pattern[str] | None = None

    def have(self, digits: str) -> bool:
        if self._compiled is None:
            # Not before digits of these lengths are met: all would take half a second.
            self._compiled = re.compile("|".join(self._patterns))
        return self._compiled.fullmatch(digits) is not None


Table = Mapping[tuple[int, ...], _Numbers]
"""By the lengths of the groups."""


class _Region(TypedDict):
    numbers: str
    formats: dict[str, str]


def known_regions() -> frozenset[str]:
    """The codes (ISO 3166) of all regions that have phone numbers."""
    return frozenset(_known())


def end_in_regions(text: str, start: int, *, glued: bool, table: Table) -> tuple[int | None, int]:
    """Where the number at `start` ends, if there is one, and from where to search on.

    :param glued: it follows a number that was found
    """
    run = _RUN.match(text, start)
    if run is None:
        return None, start + 1
    groups = [group for group in run.groups() if group]
    lengths = tuple(map(len, groups))
    for count in range(len(groups), 1, -1):
        numbers = table.get(lengths[:count])
        if numbers is not None and numbers.have("".join(groups[:count])):
            end = _checked(text, start, run.end(count + 1))
            if end is not None:
                other = not glued and (
                    is_in_column(text, start) or is_named_otherwise(text, start, end)
                )
                return (None, start + 1) if other else (end, end)
    return None, start + 1


def _checked(text: str, start: int, end: int) -> int | None:
    if end - start < _MIN_CHARACTERS or _NO_NUMBER.fullmatch(text, start, end):
        return None
    found = end_of_number(text, end)
    return None if found is None or has_unit(text, found) else found


@cache
def _known() -> dict[str, _Region]:
    known: dict[str, _Region] = json.loads(_FILE.read_text())
    return known


@cache
def table_of(regions: tuple[str, ...]) -> Table:
    """:raises KeyError: one of them is not in `known_regions`"""
    table: dict[tuple[int, ...], dict[str, None]] = {}
    for region in regions:
        known = _known()[region]
        for printed, first_digits in known["formats"].items():
            national = f"(?={first_digits})(?:{known['numbers']})"
            for lengths, pattern in _fixed(printed, national):
                table.setdefault(lengths, {})[pattern] = None
    return {lengths: _Numbers(patterns) for lengths, patterns in table.items()}


def _fixed(printed: str, national: str) -> Iterator[tuple[tuple[int, ...], str]]:
    """The format `0d2 d3,4` with each possible length of each group, and the pattern of each."""
    groups = [group.partition("d") for group in printed.split()]
    literals = [literal for literal, _, _ in groups]
    for counts in product(*(_counts(count) for _, _, count in groups)):
        lengths = tuple(map(add, map(len, literals), counts))
        given = [index for index, literal in enumerate(literals) if literal]
        if given and any(counts[: given[-1]]):
            # Argentina dials 15 between others, where its numbers have a 9 first.
            digits = (f"{text}\\d{{{count}}}" for text, count in zip(literals, counts, strict=True))
            yield lengths, "".join(digits)
        else:
            yield lengths, "".join(literals) + national


def _counts(count: str) -> Iterable[int]:
    """Of `3`, of `2,4`, or of nothing, where a group is only a literal."""
    least, _, most = count.partition(",")
    return range(int(least or 0), int(most or least or 0) + 1)
