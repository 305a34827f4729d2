"""Finds phone numbers in a decoded text, and replaces them in the original."""

from __future__ import annotations

from functools import partial
from importlib import import_module
from typing import TYPE_CHECKING

from pipeline.redaction.decoding import decode
from pipeline.redaction.formats import Formats, find_formats
from pipeline.redaction.labels import find_labelled

if TYPE_CHECKING:
    from types import ModuleType

REDACTED = "[REDACTED]"

Regions = tuple[str, ...]
"""Codes of regions (ISO 3166), whose national numbers are found without a label too."""

NO_REGIONS: Regions = ()


def redact(text: str, regions: Regions = NO_REGIONS) -> str:
    """:raises KeyError: one of the regions is not in `known_regions`"""
    more = _formats_of(regions) if regions else None
    view = decode(text)
    spans = list(find_formats(view.text, more))
    found = [view.original(*span) for span in spans]
    view = view.replaced(spans, REDACTED)
    if labelled := list(find_labelled(view.text)):
        found += [view.original(*span) for span in labelled]
        view = view.replaced(labelled, REDACTED)
        # What follows them in a column is a number now, not another figure.
        found += [view.original(*span) for span in find_formats(view.text, more)]
    if not found:
        return text
    pieces, done = [], 0
    for start, end in sorted(found):
        pieces += [text[done:start], REDACTED]
        done = end
    return "".join([*pieces, text[done:]])


def known_regions() -> frozenset[str]:
    known: frozenset[str] = _regions().known_regions()
    return known


def _formats_of(regions: Regions) -> Formats:
    module = _regions()
    return partial(module.end_in_regions, table=module.table_of(regions))


def _regions() -> ModuleType:
    """Imported only with the setting: it takes time and memory."""
    return import_module("pipeline.redaction.regions")
