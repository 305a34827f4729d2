"""The evidence of a run, kept as JSON, so that it can be judged again, also by a later version."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from rdp.chaos.outcome import Outcome
from rdp.chaos.timeline import Timeline

FORMAT = 1


class EvidenceError(Exception):
    """The file has no evidence that this version can read."""


@dataclass
class Run:
    """One experiment that was run or skipped."""

    experiment: str
    schedule: str
    """What was broken and when, in the form of `rdp chaos run --schedule`."""
    seed: int
    logs: int
    seconds: float = 0.0
    skipped: str = ""
    """What the stack lacks, if it was skipped."""
    failure: str = ""
    """Why it did not run to its end; empty if it did."""
    outcome: Outcome | None = None
    timeline: Timeline = field(default_factory=Timeline)
    """Only after a failure; otherwise the outcome has the timeline."""


@dataclass(frozen=True)
class EvidenceFile:
    target: str
    runs: Sequence[Run]
    format: int = FORMAT
    written_at: datetime = field(default_factory=lambda: datetime.now(UTC))


_JSON = TypeAdapter(EvidenceFile)


def write(path: Path, target: str, runs: Sequence[Run]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(_JSON.dump_json(EvidenceFile(target, runs), indent=1))


def read(path: Path) -> EvidenceFile:
    """:raises EvidenceError: the file cannot be read, or has another format"""
    try:
        text = path.read_bytes()
        found = json.loads(text).get("format")
        if found != FORMAT:
            raise EvidenceError(f"{path} has format {found!r}, and this version reads {FORMAT}")
        return _JSON.validate_json(text)
    except OSError as error:
        raise EvidenceError(
            f"{path} cannot be read ({error.strerror}): `rdp chaos run` writes one"
        ) from error
    except ValidationError as error:
        [first, *_] = error.errors()
        place = ".".join(map(str, first["loc"]))
        raise EvidenceError(
            f"{path} is not the evidence of a run: {place}: {first['msg']}"
        ) from error
    except (ValueError, AttributeError, RecursionError) as error:
        raise EvidenceError(f"{path} is not the evidence of a run: {error}") from error
