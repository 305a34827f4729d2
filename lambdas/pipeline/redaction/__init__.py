"""Replaces phone numbers by [REDACTED] and leaves other numbers alone: see docs/redaction.md."""

from pipeline.redaction.redactor import NO_REGIONS, REDACTED, Regions, known_regions, redact

__all__ = ["NO_REGIONS", "REDACTED", "Regions", "known_regions", "redact"]
