"""What stands beside a number: an extension, the next number, or a word for another number."""

import re

_FLAGS = re.VERBOSE | re.IGNORECASE

# Not inside a word, a hyphenated name, a decimal number or a time. A port may follow.
_APART = r"(?!\w|-\w|\.\d|:(?!\d{1,5}(?![\w.:-]))\d)"
_NUMBER_FOLLOWS = r"(?=:?\d{3}-(?:\d{3}-)?\d{4})"
_EXTENSION_FOLLOWS = r"(?=[xX]\d|[eE][xX][tT])"
# Of digits that only a label makes a number
DIGITS_END = rf"(?:{_APART}|{_EXTENSION_FOLLOWS})"
NUMBER_ENDS = rf"(?:{_APART}|{_NUMBER_FOLLOWS}|{_EXTENSION_FOLLOWS})"
_ENDS = re.compile(rf"{_APART}|{_NUMBER_FOLLOWS}")
_EXTENSION = re.compile(
    rf"""
    (?: (?:[ ]?[,;][ ]?|[ ]{{1,2}})?
        (?:x|ext(?:ensi[oó]n|n)?\.?|poste|ramal|anexo|toestel|wew\.?|доб\.?|durchwahl)
        [ ]?[=:.]?[ ]?\d{{1,7}}
      | [ ]?\#[ ]?\d{{1,6}}
    ){_APART}
    """,
    _FLAGS,
)

_UNIT_AFTER = re.compile(
    r"""
    [ ]?(?:
        (?-i: ms | ns | [uµμ]s | [kKMGT]i?B | [kMG]?bps | [kMG]?Hz | px | ppm )\b
      | (?: msec | sec(?:ond)?s | bytes | bits | rows | lines | char(?:acter)?s? | points | tokens
          | records | entries | items | keys | pixels | packets | requests | samples | iterations
          | ticks | cycles | blocks | pages | users | subscribers )\b
      | %(?!\w)
    )
    """,
    _FLAGS,
)
_DATE_OR_CARD = re.compile(
    r"""
    \d{1,2}(?P<sep>[-./])\d{1,2}(?P=sep)(?:\d{4}|\d{2})(?![-./]?\d)
  | \d{4}-\d\d-\d\d(?!\d)
  | \d{4}(?P<gap>[ -])\d{4}(?P=gap)\d{4}(?P=gap)\d{4}(?!\d)
    """,
    _FLAGS,
)
_OTHER_BEFORE = re.compile(
    r"""
    (?: (?<![^\W_])(?:orders?|invoices?|tickets?|part|serial|sku|isbn|issn|zip|bytes|rows|lines
            |pages|ports|ean|gtin|upc|barcode|range|interval|version|seq|offsets?|chars|characters
            |tokens|context|ieee|iso|iec|ansi|din)
        (?:[ ](?:no\.?|number|id))?[ \t:=\#]{1,3}
      | HTTP/\d(?:\.\d)?"?[ ](?:\d{3}[ ])?                          # status, size, time
      | (?-i:\b[A-Z]{2}\d{2}(?:[ ][A-Z]{4})?[ ](?:\d{4}[ ]){0,7})   # an IBAN
    )\Z
    """,
    _FLAGS,
)
# +12345678 is also a signed number.
_DIFFERENCE_BEFORE = re.compile(
    r"""
    (?<![^\W_])(?:offset|delta|drift|skew|shift|changed?|diff(?:erence)?|balance|adjust(?:ed|ment)?|gain|lag
        |increment|increased|error|correction|by|elapsed|pos(?:ition)?|lat|lon|lng|alt|[xyz]|d[xyz]
        |checksum)[ \t:=]{1,3}\Z
    """,
    _FLAGS,
)
# Boston, MA 02110-1301
_ZIP_CODE = re.compile(r"\d{5}-\d{4}")
_STATE_BEFORE = re.compile(r"\b[A-Z]{2}[ ]{1,2}\Z")
# A timer, or a column of figures: 69/109 200 2750, 200 200 340 3660
_IN_COLUMN = re.compile(r"(?:\d/|\d{3}[ ])\Z")
_LONGEST_CONTEXT = 48
_DIGITS = re.compile(r"[(+]?[\d-]*")


def end_of_number(text: str, end: int) -> int | None:
    """Of the number that was found until `end`, with its extension; None where it does not end."""
    if extension := _EXTENSION.match(text, end):
        return extension.end()
    return end if _ENDS.match(text, end) else None


def has_unit(text: str, end: int) -> bool:
    return _UNIT_AFTER.match(text, end) is not None


def end_of_date_or_card(text: str, start: int) -> int | None:
    found = _DATE_OR_CARD.match(text, start)
    return found.end() if found else None


def is_named_otherwise(text: str, start: int, end: int) -> bool:
    """Whether the word before it says that it is an order, an offset and so on."""
    if start == 0 or text[start - 1] not in " \t:=#":
        return False
    begin = max(0, start - _LONGEST_CONTEXT)
    if text[start] == "+" and text[start + 1 : end].isdigit():
        return _DIFFERENCE_BEFORE.search(text, begin, start) is not None
    if _ZIP_CODE.fullmatch(text, start, end) and _STATE_BEFORE.search(text, begin, start):
        return True
    return _OTHER_BEFORE.search(text, begin, start) is not None


def end_of_digits(text: str, start: int) -> int:
    found = _DIGITS.match(text, start)
    return max(start + 1, found.end() if found else 0)


def is_in_column(text: str, start: int) -> bool:
    return _IN_COLUMN.search(text, max(0, start - 4), start) is not None
