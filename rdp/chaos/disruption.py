"""What a disruption is, and what it needs."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from enum import Enum

from rdp.chaos.api import ChaosApi
from rdp.chaos.leftovers import Leftovers
from rdp.chaos.plan import Alteration
from rdp.stack import Stack


class Need(Enum):
    """What a disruption needs of the stack."""

    FAULT_INJECTION = "a worker with FAULT_INJECTION=true"
    CHAOS_API = "a LocalStack with the fault injection of emulator/"
    LOCAL = "a local stack"
    CONTAINER = "a local stack in a container (`make up RUNTIME=docker`)"
    SHORT_LANE = "a short lane of at most 400 characters (`long_log_seconds`)"
    PACKAGE = "build/worker.zip (`make package`), which the worker runs"


@dataclass(frozen=True)
class Site:
    """What a disruption works on."""

    stack: Stack
    chaos: ChaosApi
    leftovers: Leftovers
    longest: float
    """Seconds after which a fault ends, even if this process was killed."""


def nothing(_site: Site) -> AbstractContextManager[None]:
    return contextlib.nullcontext()


@dataclass(frozen=True)
class Disruption:
    name: str
    needs: frozenset[Need]
    hold: Callable[[Site], AbstractContextManager[None]] = nothing
    alter: Alteration | None = None
    every: int = 10
    """Every how many messages one is altered."""
    may_fill_dlq: bool = False
    """Healthy messages may use up their attempts; they are redriven after it is healed."""
    lasts: float = 0.0
    """The shortest time in seconds, however fast the logs of its window are sent."""
    extra_attempts: int = 0
    """By how much a message's receive count may exceed the queue's maxReceiveCount."""
    makes_poison: bool = False
    """Its messages belong in the DLQ."""
