"""Plain digits after a label such as "phone:", and the rest of a list that begins so."""

import re
from collections.abc import Iterator

from pipeline.redaction.formats import Span
from pipeline.redaction.surroundings import DIGITS_END, end_of_number, has_unit

# In lower case. Each begins with a letter that the search can skip to.
_LABEL = r"""
    (?:
        # also at the end of a longer name: customerPhone, contact_phone
        phone(?<!microphone)(?<!headphone)(?<!earphone)(?<!megaphone)s?
      | mobile(?<!automobile)s?
      | msisdns? | whatsapp | telefon(?:[oe]s?|u|nummern?)? | teléfonos? | téléfon | rufnummern?
      | cellula(?:re)? | celular
      | tel(?<![^\W_]tel) | tlf(?<![^\W_]tlf)
      | fax(?<![^\W_]fax) | gsm(?<![^\W_]gsm) | mob(?<![^\W_]mob) | mobiel | móvil
      | landline | hotline | callto
      | caller(?<![^\W_]caller)(?:[ _-]?id)? | callee(?<![^\W_]callee)
      | contact(?=[ _-]n(?:umber|o\b)) | callback(?=[ _-]n(?:umber|o\b))
      | телефон | тел | 电话 | 電話 | 手机 | 手機 | 携帯 | 전화 | 휴대폰
        # shorter than the others: a text must not grow by more than a quarter
      | ph(?<![^\W_]ph)(?=[.: ])(?P<short>)
        # also before other numbers: "called at 1795384035", "call 1234567 took 12 ms"
      | call(?<![^\W_]call)(?:ed|ing)?(?P<call>) | dial(?<![^\W_]dial)(?:l?ed|l?ing)?(?P<dial>)
      | text(?<![^\W_]text)(?:ed|ing)?(?P<text>) | sms(?<![^\W_]sms)(?P<sms>)
      | ring(?<![^\W_]ring)(?:ing)?(?P<ring>) | reach(?<![^\W_]reach)(?P<reach>)
        # the same after a space only: "cell 1234567", but "cell: 5550199"
      | cell?(?<![^\W_]cell)(?<![^\W_]cel)(?P<cell>) | handy(?<![^\W_]handy)(?P<handy>)
      | portable(?<![^\W_]portable)(?P<portable>)
    )
"""
_WEAK = ("call", "dial", "text", "sms", "ring", "reach")
_WEAK_AFTER_SPACE = ("cell", "handy", "portable")
_MORE = r"""
    [ _-]{0,2}(?:numbers?|num|nrs?|nos?|n°)(?!\w)
  | [ ]?/[ ]?(?:tel|fax|mobile|phone|cell)
  | [ ]?\([^()[\]\d]{1,20}\)
  | (?P<to>[ ](?:at|on|to|from|by))(?!\w)
  | [ ](?:kom|is|are|was|has|been|now|sent|me|us|changed|updated|set|new)(?!\w)
  | [ ](?:home|work|office|mobile)(?!\w)
  | (?:_?\d{1,2}|\[\d{1,3}\])(?=["']?[ ]?[:=])
  | [ ][\w:-]{1,20}="[^"<>[\]]{0,20}"(?=[ >])
"""
_SEPARATOR = r"""[ \t\r\n:=\#"'`*.([{<>|,+)\0/-]"""
_SEPARATORS = frozenset(" \t\r\n:=#\"'`*.([{<>|,+)\0/-")
_AND = "(?:and|or|to|und|oder|et|y|e|i|->)"
_LIST_SEPARATOR = rf"""(?:["']?[ \t]*[,;/|&][ \t]*["']?|[ \t\n]{{1,4}}(?:{_AND}[ ])?)"""
_LABEL_BEFORE = re.compile(
    rf"""
    {_LABEL}(?:['\u2019]s)?(?P<call_of_a_class>(?=\(\Z))?
    \.?(?:(?:{_MORE})\.?){{0,4}}
    {_SEPARATOR}{{1,6}}
    (?:(?:number|value){_SEPARATOR}{{1,4}})?\Z
    """,
    re.VERBOSE,
)
_MODEM_BEFORE = re.compile(r"\+(?:CLIP|CMGS|CMGR|CMGL|CCWA)[=:][ ]?\"\Z", re.IGNORECASE)
# Longer than any label
_LONGEST_CONTEXT = 112
_LONGEST_LABEL = 96

_NUMBER = r"(?:[ \t./()-]{{0,2}}\d){{{},14}}(?<![ \t]\d)"
# A number, or one that was found already: others may follow it.
_CANDIDATE = re.compile(
    rf"[\d([](?:(?<=\[)REDACTED\]"
    rf"|(?<!\w\d)(?:(?<=\d)|(?<=\()(?=\d{{1,5}}\))){_NUMBER.format(6)}{DIGITS_END})"
)
_DATE_OR_ADDRESS = re.compile(r"\d{4}-\d\d-\d\d|(?:\d{1,3}\.){3}\d")
_EPOCH = re.compile(r"1\d{9}(?:\d{3})?(?!\d)")
_FEW_DIGITS = re.compile(r"\d{7,9}(?![\d./()-]|[ ]\d)")
# The next of a list has nine digits at least: a text must not grow by more than a quarter.
_NEXT = re.compile(
    rf"""
    {_LIST_SEPARATOR}(?:
        \[REDACTED\]
      | (?P<number>(?<![ \t\n])\(?\d{_NUMBER.format(8)}|\d{{9,15}}){DIGITS_END}
    )
    """,
    re.VERBOSE,
)


def find_labelled(text: str) -> Iterator[Span]:
    candidate = _CANDIDATE.search(text)
    while candidate:
        start, end = candidate.span()
        if text[start] == "[":
            found = end if _label_before(text, start) else None
        else:
            found = _end(text, start, end) if _is_labelled(text, start, end) else None
            if found is not None:
                yield start, found
        if found is not None:
            spans, end = _rest_of_list(text, found)
            yield from spans
        candidate = _CANDIDATE.search(text, end)


def _rest_of_list(text: str, end: int) -> tuple[list[Span], int]:
    """The numbers that follow the labelled one until `end`, and the end of the last."""
    spans = []
    while following := _NEXT.match(text, end):
        if following["number"] is None:
            end = following.end()
            continue
        start = following.start("number")
        found = None if _EPOCH.match(text, start) else _end(text, start, following.end())
        if found is None:
            break
        spans.append((start, found))
        end = found
    return spans, end


def _end(text: str, start: int, end: int) -> int | None:
    found = end_of_number(text, end)
    if found is None or has_unit(text, found) or _DATE_OR_ADDRESS.match(text, start):
        return None
    return found


def _is_labelled(text: str, start: int, end: int) -> bool:
    label = _label_before(text, start)
    if label is None:
        return _is_address(text, start, end)
    digits = _count_digits(text[start:end])
    if label["call_of_a_class"] is not None:
        return digits >= 10
    if _is_weak(label):
        is_id = label["to"] is None and _FEW_DIGITS.match(text, start)
        return not (_EPOCH.match(text, start) or is_id)
    return label["short"] is None or digits > 7


def _is_address(text: str, start: int, end: int) -> bool:
    """sip:5550199@example.com, "Jane Roe" <2025550143>, https://wa.me/12025550143, +CLIP: "…" """
    if text.endswith(("sip:", "sips:", "SIP/"), 0, start):
        return text.startswith("@", end)
    if text.endswith('" <', 0, start):
        return text.startswith(">", end) and _count_digits(text[start:end]) >= 10
    if text.endswith("wa.me/", 0, start):
        return _count_digits(text[start:end]) >= 10
    return _MODEM_BEFORE.search(text, max(0, start - _LONGEST_LABEL), start) is not None


def _count_digits(text: str) -> int:
    return sum(character.isdigit() for character in text)


def _is_weak(label: re.Match[str]) -> bool:
    words: tuple[str, ...] = _WEAK
    if label[0].endswith(" ") and label[0][-2:-1].isalnum():
        words += _WEAK_AFTER_SPACE
    return any(label[word] is not None for word in words)


def _label_before(text: str, start: int) -> re.Match[str] | None:
    if start == 0 or text[start - 1] not in _SEPARATORS:
        return None
    before = text[max(0, start - _LONGEST_CONTEXT) : start].lower()
    return _LABEL_BEFORE.search(before, max(0, len(before) - _LONGEST_LABEL))
