"""Finds phone numbers in a decoded text, and replaces them in the original."""

from __future__ import annotations

from functools import partial
from importlib import import_module
from typing import TYPE_CHECKING

from pipeline.redaction.decoding import decode
from pipeline.redaction.formats import Span, find_formats
from pipeline.redaction.labels import find_labelled

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from types import ModuleType

REDACTED = "[REDACTED]"

Regions = tuple[str, ...]
"""Codes of regions (ISO 3166), whose national numbers are found without a label too."""

NO_REGIONS: Regions = ()


def redact(text: str, regions: Regions = NO_REGIONS) -> str:
    """:raises KeyError: one of the regions is not in `regions.known_regions`"""
    view = decode(text)
    found: list[Span] = []
    for find in _steps(regions):
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


def known_regions() -> frozenset[str]:
    known: frozenset[str] = _regions().known_regions()
    return known


def _steps(regions: Regions) -> tuple[Callable[[str], Iterable[Span]], ...]:
    if not regions:
        return find_formats, find_labelled
    return find_formats, partial(_regions().find_in_regions, regions=regions), find_labelled


def _regions() -> ModuleType:
    """Imported only with the setting: it takes time and memory."""
    return import_module("pipeline.redaction.regions")
