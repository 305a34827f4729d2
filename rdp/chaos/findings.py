"""What a check found: the promise holds, it is broken, or the verdict is unknown."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from typing import NamedTuple


class Verdict(StrEnum):
    """The verdict on a check, an experiment or a run."""

    HOLDS = "holds"
    BROKEN = "broken"
    """The pipeline broke a promise."""
    UNKNOWN = "unknown"
    """The harness or the stack failed, or the fault did not strike: nothing is proven."""


class Finding(NamedTuple):
    """The result of one check."""

    name: str
    verdict: Verdict
    text: str
    logs: tuple[str, ...] = ()
    """The logs for which it does not hold, or that could not be judged."""


def overall(verdicts: Iterable[Verdict]) -> Verdict:
    """Broken comes before unknown: a promise that was broken once is broken."""
    found = set(verdicts)
    for verdict in (Verdict.BROKEN, Verdict.UNKNOWN):
        if verdict in found:
            return verdict
    return Verdict.HOLDS


def judged(
    name: str, *, proven: object, holds: object, text: str, logs: Iterable[str] = ()
) -> Finding:
    """
    :param proven: whether there is anything to judge; if not, the verdict is unknown
    :param holds: whether the promise was kept
    """
    if not holds:
        verdict = Verdict.BROKEN
    elif proven:
        verdict = Verdict.HOLDS
    else:
        verdict = Verdict.UNKNOWN
    return Finding(name, verdict, text, tuple(logs))
