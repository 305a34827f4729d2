"""Finds phone numbers in a decoded text, and replaces them in the original."""

from pipeline.redaction.decoding import decode
from pipeline.redaction.formats import Span, find_formats
from pipeline.redaction.labels import find_labelled

REDACTED = "[REDACTED]"


def redact(text: str) -> str:
    view = decode(text)
    found: list[Span] = []
    for find in (find_formats, find_labelled):
        if spans := list(find(view.text)):
            found += [view.original(*span) for span in spans]
            view = view.replaced(spans, REDACTED)
    if not found:
        return text
    pieces, done = [], 0
    for start, end in sorted(found):
        pieces += [text[done:start], REDACTED]
        done = end
    return "".join([*pieces, text[done:]])
