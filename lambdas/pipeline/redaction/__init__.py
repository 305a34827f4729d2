"""Replaces phone numbers by [REDACTED] and leaves other numbers alone: see docs/redaction.md."""

from pipeline.redaction.redactor import REDACTED, redact

__all__ = ["REDACTED", "redact"]
