"""Reads a text as a person would see it, and knows where each character came from.

Logs spell a character in many ways: as a JSON, URL or HTML escape, in the digits of another script,
with terminal colours or invisible characters beside it. The expressions of this package see one
spelling. Every step here is linear in the length of the text.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_left, bisect_right
from html.entities import html5
from typing import NamedTuple

# Stands for each invisible character until it is removed: U+2060 is one of them.
_INVISIBLE = "\u2060"
# Between a letter and a digit where something invisible was: they are two words.
_BOUNDARY = "\0"
# An escape can spell another one: JSON in a URL in HTML. A sixth level is not decoded.
_MAX_LEVELS = 5

_HEX = "[0-9A-Fa-f]"
_MAYBE_ENCODED = re.compile(rf"[\\%&\x1b\x9b\#^{_INVISIBLE}]")
# A run of backslashes is read once, from its first one.
_ENCODED = re.compile(
    rf"""
    (?=[\\%&\x1b\x9b\#^{_INVISIBLE}])(?:
    (?P<hidden>(?:
        (?:\x1b\[|\x9b)(?!REDACTED\])[0-?]{{0,32}}[ -/]{{0,4}}[@-Z\\-~]         # a colour
      | \x1b\](?:\d{{1,4}};)?                                               # a link, a title
      | \x1b(?:\\|\(B)
      | {_INVISIBLE}
    )+)
  | \\(?<!\\\\)\\*+(?:
        u(?P<u>{_HEX}{{4}}) | u\{{(?P<braces>{_HEX}{{1,6}})\}} | x(?P<x>{_HEX}{{2}})
      | (?P<escape>0?33|e)(?=\[) | (?P<letter>[nrt]) | (?P<itself>["'/()+.\#\ -])
    )
  | %(?:25){{0,8}}(?P<percent>[2-7]{_HEX}|0[9AaDd]|1[Bb])
  | (?P<utf8>
        %[Cc][2-9A-Fa-f]%[89AaBb]{_HEX}|%[Dd]{_HEX}%[89AaBb]{_HEX}
      | %[Ee]{_HEX}(?:%[89AaBb]{_HEX}){{2}} | %[Ff][0-4](?:%[89AaBb]{_HEX}){{3}}
    )
  | &(?:amp;){{0,8}}(?:
        \#(?P<decimal>\d{{1,9}}); | \#[xX](?P<hex>{_HEX}{{1,8}});
      | (?P<name>[A-Za-z]{{2,20}}\d{{0,2}};)
    )
    # as rsyslog and cat -v write control characters
  | \#0(?:(?P<syslog_escape>33)(?=\[)|(?P<syslog>1[125])(?!\d{{5}}))
  | \^\[(?P<caret>)(?=[][])
    )
    """,
    re.VERBOSE,
)
# A plus sign is a space in a URL, unless it begins the next number.
_SPACE = re.compile(
    r"""
    \+(?:
        (?<=[\d)]\+)(?=\(?\d{1,7}(?![\d ])|%28)
      | (?:(?<=\)\+)|(?<=\)\+\+))(?=\+?\(?\d{1,7}(?![\d ]))
      | (?:(?<=[+B]\d\+)|(?<=[+B]\d\d\+)|(?<=[+B]\d{3}\+))(?=\d)
    )
    """,
    re.VERBOSE,
)
_LETTERS = {"n": "\n", "r": "\r", "t": "\t"}
_SYSLOG = {"11": "\t", "12": "\n", "15": "\r"}
_BASES = {"u": 16, "braces": 16, "x": 16, "percent": 16, "hex": 16, "decimal": 10}


class _Positions:
    """Where a text that was rewritten piece by piece came from.

    `ends` and `sources` say where each rewritten piece ends in the new and in the old text, and
    `visible` whether it has any characters in the new one. In between, both texts are the same.
    """

    __slots__ = ("ends", "sources", "visible")

    def __init__(self) -> None:
        self.ends = [0]
        self.sources = [0]
        self.visible = [False]

    def add(self, end: int, source: int, *, visible: bool) -> None:
        self.ends.append(end)
        self.sources.append(source)
        self.visible.append(visible)

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Of the old text, without what is invisible before and after it."""
        index = bisect_right(self.ends, start) - 1
        first = self.sources[index] + start - self.ends[index]
        index = bisect_left(self.ends, end)
        if index < len(self.ends) and self.ends[index] == end and self.visible[index]:
            return first, self.sources[index]
        return first, self.sources[index - 1] + end - self.ends[index - 1]


class View(NamedTuple):
    """A text in one spelling, with the way back to the original."""

    text: str
    steps: tuple[_Positions, ...] = ()

    def original(self, start: int, end: int) -> tuple[int, int]:
        for positions in reversed(self.steps):
            start, end = positions.span(start, end)
        return start, end

    def replaced(self, spans: list[tuple[int, int]], replacement: str) -> View:
        if not spans:
            return self
        pieces, positions, size, done = [], _Positions(), 0, 0
        for start, end in spans:
            pieces += [self.text[done:start], replacement]
            size += start - done + len(replacement)
            positions.add(size, end, visible=True)
            done = end
        return View("".join([*pieces, self.text[done:]]), (*self.steps, positions))


def decode(text: str) -> View:
    view = View(_with_spaces(text if text.isascii() else text.translate(_FOLDING)))
    for _ in range(_MAX_LEVELS):
        first = _MAYBE_ENCODED.search(view.text)
        if first is None or not _ENCODED.search(view.text, first.start()):
            break
        view = _decode_once(view)
    return view


def _decode_once(view: View) -> View:
    text, positions, size, done = view.text, _Positions(), 0, 0
    pieces: list[str] = []
    for match in _ENCODED.finditer(text):
        start, end = match.span()
        character = _character(match)
        if character is None:
            before = text[start - 1 : start] if start > done else "".join(pieces[-1:])
            character = _in_place_of_invisible(before, text[end : end + 1])
        pieces += [text[done:start], character]
        size += start - done + len(character)
        positions.add(size, end, visible=character != "")
        done = end
    return View(_with_spaces("".join([*pieces, text[done:]])), (*view.steps, positions))


def _with_spaces(text: str) -> str:
    return _SPACE.sub(" ", text) if "+" in text else text


def _character(match: re.Match[str]) -> str | None:
    """The character that is spelled there, or None if it is invisible."""
    kind = match.lastgroup or ""
    value = match[kind]
    match kind:
        case "hidden":
            return None
        case "letter":
            return _LETTERS[value]
        case "itself":
            return value
        case "escape" | "syslog_escape" | "caret":
            return "\x1b"
        case "syslog":
            return _SYSLOG[value]
        case "utf8":
            found = bytes.fromhex(value.replace("%", "")).decode(errors="replace")
        case "name":
            found = html5.get(value, match[0])
        case _:
            code = int(value, _BASES[kind])
            found = chr(code) if code <= 0x10FFFF else match[0]
    return found if found.isascii() else found.translate(_FOLDING)


def _in_place_of_invisible(before: str, after: str) -> str:
    if before.isalpha():
        return _BOUNDARY if after.isdigit() or after in {"+", "%", "\\", "&"} else ""
    return _BOUNDARY if before.isdigit() and after.isalpha() else ""


class _Folding(dict[int, str]):
    """Replaces a character by the ASCII one that looks or means the same, for str.translate."""

    def __missing__(self, code: int) -> str:
        self[code] = folded = _folded(chr(code))
        return folded


def _folded(character: str) -> str:
    match unicodedata.category(character):
        case "Nd":
            return str(unicodedata.decimal(character))
        case "Zs":
            return " "
        case "Zl" | "Zp":
            return "\n"
        case "Pd":
            return "-"
        case "Cf":
            return _INVISIBLE
    compatible = unicodedata.normalize("NFKC", character)
    return compatible if len(compatible) == 1 and compatible.isascii() else character


_FOLDING = _Folding(
    dict.fromkeys(
        [
            # variation selectors, keycaps, fillers and the like, which Unicode counts as marks
            *range(0xFE00, 0xFE10),
            *range(0xE0100, 0xE01F0),
            *(0x034F, 0x115F, 0x1160, 0x180B, 0x180C, 0x180D, 0x20E3, 0x3164, 0xFFA0),
        ],
        _INVISIBLE,
    )
)
_FOLDING |= {code: chr(code) for code in range(128)}
_FOLDING[0x2212] = "-"
