"""Replaces phone numbers by [REDACTED] and leaves other numbers alone: see docs/redaction.md.

There are two passes. The first finds formats that are phone numbers anywhere, the second finds
plain digits after a label such as "phone:". Each is one regular expression whose repetitions are
bounded, so that the time is linear in the length of the text.

Redacting a redacted text changes nothing. _START and _END exclude the same neighbours: otherwise a
number beside another one could be kept in the first run and replaced in a second one.
"""

import re

REDACTED = "[REDACTED]"

# Not inside a word (a literal \n ends a word), a hyphenated name, a decimal number or a time, and
# not a price.
_START = r"(?:(?<!\w)|(?<=\\[nrt]))(?<!\w-)(?<!\d[.:])(?<![$€£¥])"
_END = r"(?!\w)(?!-\w)(?![.:]\d)"
_PLUS = r"(?<![\w\]])(?:\+|%2B)"
_GAP = r"(?:[ ]?-[ ]?|\.|[ ]{1,2})"

# Other numbers. They match as a whole, so that no part of them can match as a phone number.
_OTHER_WORDS = r"""
    (?:orders?|invoices?|tickets?|part|serial|sku|isbn|issn|zip|bytes|rows|lines|pages|ports)
        (?:[ ](?:no\.?|number|id))?[ \t:=\#]{1,3}\d[\d-]*
  | HTTP/\d(?:\.\d)?"?[ ]\d{3}[ ]\d+[ ]\d+                # an access log's status, size, time
  | (?-i:[A-Z]{2}\d{2}(?:[ ][A-Z]{4})?(?:[ ]\d{4}){2,7}(?:[ ]\d{1,3})?(?![\w-]))   # an IBAN
"""
_DATE = r"\d{1,2}(?P<sep>[-./])\d{1,2}(?P=sep)(?:\d{4}|\d{2})(?![-./]?\d)"

# After the country code: (0)20 7946 0958, (30) 901820, 20 7946 0958
_ABROAD = r"(?:[ -]?\(\d{1,5}\))?(?:[ ./-]{0,2}\d){5,12}(?<![ ]\d)"

_PLUS_FIRST = rf"""
    {_PLUS}(?:
        # +1 555 123 4567: the only numbering plan with a fixed length
        [ ]?1[ .-]{{0,2}}\(?\d{{3}}\)?[ .-]{{0,2}}\d{{3}}[ .-]{{0,2}}\d{{4}}
      | [ ]?(?=[1-9](?:[^\w+]{{0,3}}\d){{7}})
        # not a signed decimal number; but +44.2079460958, the format of domain registries, is one
        (?!\d{{1,3}}\.(?:\d{{1,8}}|\d{{13,}})(?!\d|[ .-]\d))
        \d{{1,3}}{_ABROAD}
    )
"""
_PARENTHESIS_FIRST = rf"""
    \((?:
        {_PLUS}[1-9]\d{{0,2}}\){_ABROAD}                          # (+44) 20 7946 0958
      | \d{{3}}\)[ .-]{{0,2}}\d{{3}}{_GAP}?\d{{4}}                # (555) 123-4567
      | 0[1-9]\d{{0,3}}\)(?:[ ./-]{{0,2}}\d){{6,8}}               # (02) 9876 5432
      | \d{{2,4}}\)[ ]?\d{{3,5}}[ .-]\d{{3,4}}                    # (11) 91234-5678
    )
"""
# With the trunk prefix 0, in nine to eleven digits: 020 7946 0958, 01 42 68 53 00, 0171/1234567
_TRUNK = "|".join(
    rf"0[1-9]\d{{{n}}}[ ./-]{{1,2}}\d(?:[ ./-]{{0,2}}\d){{{6 - n},{8 - n}}}" for n in range(4)
)
_DIGIT_FIRST = rf"""
    (?=\d){_START}(?:
        (?:1[ .-])?\d{{3}}{_GAP}\d{{3}}{_GAP}\d{{4}}              # 555-123-4567
      | \d{{3}}-\d{{4}}                                           # 555-0199
      | 1[ .-]?\(\d{{3}}\)[ .-]{{0,2}}\d{{3}}{_GAP}?\d{{4}}       # 1 (555) 123-4567
      | {_TRUNK}
      | 00[1-9]\d{{0,2}}(?=[ -]){_ABROAD}                         # 0044 20 7946 0958
      | 1[3-9]\d(?P<gap>[ -])\d{{4}}(?P=gap)\d{{4}}               # 138 0013 8000
      | 8[ -](?:\(\d{{3}}\)|\d{{3}})[ -]\d{{3}}-\d{{2}}-\d{{2}}   # 8 (495) 123-45-67
    )
"""
_FORMATS = re.compile(
    rf"""
    (?=[\d(+%])(?:
        (?=\d){_START}{_DATE}
      | (?P<number>
            (?:{_PARENTHESIS_FIRST}|{_PLUS_FIRST}|{_DIGIT_FIRST})
            (?:[ ]?(?:x|ext\.?|extension)[ ]?\d{{2,5}})?
        ){_END}
    )
  | (?=[a-z])\b(?:{_OTHER_WORDS})
    """,
    re.VERBOSE | re.IGNORECASE,
)

# These words also come before other numbers: "called at 1795384035" is a time.
_WEAK_LABEL = r"(?P<weak>(?<![^\W_]))(?:call(?:ed)?|dial(?:ed|led)?|text(?:ed)?|sms|ring|reach)"
_LABEL = rf"""
    (?: phone|mobile|msisdn|whatsapp|t[eé]l[eé]fono?|cellula(?:re)?|celular
      | (?<![^\W_])(?:tel|tlf|cell?|fax|gsm|mob|mobiel|móvil|handy|portable|caller(?:[ _-]?id)?)
      | телефон|тел|电话|電話|手机|手機|携帯|전화|휴대폰
      | {_WEAK_LABEL}
    )
    (?:[ _-]?(?:number|num|nr|no))?\.?
    (?:[ ](?:is|at|on|to|from|sent|me|us|kom\.)){{0,3}}
    (?:[\s:=\#"'\[>]|\((?!\d{{1,5}}\))){{1,6}}
"""
_LABELLED = re.compile(
    rf"""
    {_LABEL}
    (?!\d{{4}}-\d\d-\d\d|(?:\d{{1,3}}\.){{3}}\d)           # a date or an IP address
    (?(weak)(?!1\d{{9}}(?:\d{{3}})?(?!\d)))                # an epoch in seconds or milliseconds
    (?P<number>\(?\d(?:[ ./()-]{{0,2}}\d){{6,14}}(?<![ ]\d))
    {_END}
    """,
    re.VERBOSE | re.IGNORECASE,
)

# The zeros of Arabic-Indic, Extended Arabic-Indic, Devanagari, Bengali, Thai, full-width digits
_ZEROS = (0x0660, 0x06F0, 0x0966, 0x09E6, 0x0E50, 0xFF10)
_FOLDING: dict[int, str] = {
    **{zero + value: str(value) for zero in _ZEROS for value in range(10)},
    **dict.fromkeys((*range(0x2010, 0x2016), 0x00AD, 0x2212, 0xFE63, 0xFF0D), "-"),
    **dict.fromkeys((0x00A0, *range(0x2000, 0x200B), 0x202F, 0x205F, 0x3000), " "),
    0xFF08: "(",
    0xFF09: ")",
    0xFF0B: "+",
    0xFF0E: ".",
    0xFF0F: "/",
    0xFF1A: ":",
}


def redact(text: str) -> str:
    return _replace(_LABELLED, _replace(_FORMATS, text))


def _replace(pattern: re.Pattern[str], text: str) -> str:
    pieces, done = [], 0
    for match in pattern.finditer(_folded(text)):
        start, end = match.span("number")
        if start >= 0:
            pieces += [text[done:start], REDACTED]
            done = end
    return "".join([*pieces, text[done:]])


def _folded(text: str) -> str:
    """The text with digits, spaces, hyphens and so on replaced by ASCII, each by one character."""
    return text if text.isascii() else text.translate(_FOLDING)
