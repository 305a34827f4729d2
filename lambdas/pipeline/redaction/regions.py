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

from pipeline.redaction.formats import GLUED, NUMBER_STARTS, Span, is_in_column
from pipeline.redaction.surroundings import (
    end_of_date,
    end_of_number,
    has_unit,
    is_named_otherwise,
)

_FILE = Path(__file__).with_name("regions.json")

# Shorter ones stay: a text must not grow by more than a quarter.
_MIN_CHARACTERS = 8
# More are a table's columns.
_MAX_GROUPS = 6
_SEPARATOR = r"(?:\)[ .\t-]?|[ ]?-[ ]?|\.|[ ]{1,3}|\t)\(?"
_RUN = re.compile(rf"\(?\d{{1,13}}(?:{_SEPARATOR}\d{{1,13}}){{1,11}}")
_STARTS = re.compile(rf"{NUMBER_STARTS}(?<!\+)(?=\d{{0,13}}{_SEPARATOR}\d)")
_GROUP = re.compile(r"\d+")
_ADDRESS_OR_DECIMAL = re.compile(r"(?:\d{1,3}\.){3}\d{1,3}|\d+\.\d+")
_CARD_GROUPS = (4, 4, 4)


Table = Mapping[tuple[int, ...], tuple[str, ...]]
"""For the lengths of a number's groups: patterns of all its digits."""


class _Region(TypedDict):
    numbers: str
    formats: dict[str, str]


def known_regions() -> frozenset[str]:
    """The codes (ISO 3166) of all regions that have phone numbers."""
    return frozenset(_known())


def find_in_regions(text: str, regions: tuple[str, ...]) -> Iterator[Span]:
    table = _table(regions)
    position = 0
    while starts := _STARTS.search(text, position):
        position = starts.end()
        run = _RUN.match(text, starts.start())
        glued = False
        while run:
            found = _in_run(text, run, table, glued=glued)
            position = run.end()
            if found is None:
                break
            yield found
            position = found[1]
            following = GLUED.match(text, position)
            run = _RUN.match(text, following.end()) if following else None
            glued = True


def _in_run(text: str, run: re.Match[str], table: Table, *, glued: bool) -> Span | None:
    """The longest number that begins with the first group that begins one."""
    start = run.start()
    if end_of_date(text, start):
        return None
    groups = list(_GROUP.finditer(run[0]))
    lengths = tuple(group.end() - group.start() for group in groups)
    if len(groups) > _MAX_GROUPS or lengths[:3] == _CARD_GROUPS:
        return None
    for first, last in _parts(len(groups)):
        patterns = table.get(lengths[first : last + 1])
        if patterns is None:
            continue
        digits = "".join(group[0] for group in groups[first : last + 1])
        if not _compiled(patterns).fullmatch(digits):
            continue
        begin = groups[first].start()
        begin += start - (run[0][begin - 1 : begin] == "(")
        end = _checked(text, begin, start + groups[last].end())
        if end and ((first == 0 and glued) or _may_start(text, begin, end)):
            return begin, end
    return None


def _parts(groups: int) -> Iterator[tuple[int, int]]:
    """The first and the last of two groups or more, the longest parts first."""
    for first in range(groups - 1):
        for last in range(groups - 1, first, -1):
            yield first, last


def _may_start(text: str, start: int, end: int) -> bool:
    return not (
        _STARTS.match(text, start) is None
        or is_in_column(text, start)
        or is_named_otherwise(text, start, end)
    )


def _checked(text: str, start: int, end: int) -> int | None:
    if end - start < _MIN_CHARACTERS or _ADDRESS_OR_DECIMAL.fullmatch(text, start, end):
        return None
    found = end_of_number(text, end)
    return None if found is None or has_unit(text, found) else found


@cache
def _known() -> dict[str, _Region]:
    known: dict[str, _Region] = json.loads(_FILE.read_text())
    return known


@cache
def _compiled(patterns: tuple[str, ...]) -> re.Pattern[str]:
    """Only once digits of these lengths are met: all of all regions would take half a second."""
    return re.compile("|".join(patterns))


@cache
def _table(regions: tuple[str, ...]) -> Table:
    table: dict[tuple[int, ...], dict[str, None]] = {}
    for region in regions:
        known = _known()[region]
        for printed, first_digits in known["formats"].items():
            national = f"(?={first_digits})(?:{known['numbers']})"
            for lengths, pattern in _fixed(printed, national):
                table.setdefault(lengths, {})[pattern] = None
    return {lengths: tuple(patterns) for lengths, patterns in table.items()}


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
