"""Which logs an experiment sends. The same seed gives the same logs in the same order."""

from __future__ import annotations

import random
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Literal, Self

from rdp.stack import Fault, LogKey

PHONE_NUMBER = "555-0199"
_EVEN, _NOISY = (1, 1, 1), (10, 1, 1)
_SENT_TWICE_EVERY = 10


@dataclass(frozen=True)
class Log:
    number: int
    tenant_id: str
    log_id: str
    mark: str
    """Part of the text of this log and of no other."""
    route: Literal["json", "text", "queue"]
    """To the API as JSON or text, or directly to the queue, where a message can carry a fault."""
    versions: int = 1
    """How often it is sent, each time with another text. The last version wins."""
    fault: Fault | None = None
    characters: int = 0
    """The text is filled up to this length."""

    @property
    def key(self) -> LogKey:
        return self.tenant_id, self.log_id

    def text(self, version: int) -> str:
        return f"{self.mark}v{version}: {PHONE_NUMBER}".ljust(self.characters, ".")

    @property
    def is_poison(self) -> bool:
        """Whether no attempt can succeed, so that it must end in the DLQ."""
        return self.fault is not None and self.fault.is_fatal


Alteration = Callable[[Log], Log]


@dataclass(frozen=True)
class Window:
    """The part of the load during which something is broken, as shares of the logs sent."""

    start: float = 0.2
    end: float = 0.7

    def __str__(self) -> str:
        return f"{self.start:.0%}-{self.end:.0%}".replace("%-", "-").replace("%", "")


@dataclass(frozen=True)
class Names:
    """What distinguishes a run's logs from all others."""

    tenants: str
    """The prefix of all tenant ids."""
    mark: str
    """The prefix of all texts, and of no id."""

    @classmethod
    def new(cls) -> Self:
        return cls(tenants=f"chaos-{uuid.uuid4().hex[:6]}", mark=f"s{uuid.uuid4().hex[:5]}")


def plan(
    names: Names,
    count: int,
    seed: int,
    *,
    alterations: Sequence[tuple[Alteration, int, Window]] = (),
    noisy: bool = False,
) -> list[Log]:
    """`count` logs of three tenants.

    :param alterations: each changes every n-th log that is sent in its window
    :param noisy: the first tenant sends ten times as much as each of the others
    """
    chance = random.Random(seed)
    logs = [_log(names, number, chance, _NOISY if noisy else _EVEN) for number in range(count)]
    for alter, every, window in alterations:
        first, last = int(count * window.start), max(int(count * window.end), 1)
        # among its neighbours, not before them
        start = first + min(every, last - first) // 2
        for number in range(start, last, every):
            # another alteration may have taken the place
            free = next((place for place in range(number, last) if not logs[place].fault), None)
            if free is not None:
                logs[free] = alter(logs[free])
    return logs


def _log(names: Names, number: int, chance: random.Random, weights: Sequence[int]) -> Log:
    [tenant] = chance.choices(range(len(weights)), weights)
    return Log(
        number=number,
        tenant_id=f"{names.tenants}-{tenant}",
        log_id=f"log-{number:05}",
        mark=f"{names.mark}n{number}",
        route=chance.choice(("json", "text")),
        versions=2 if number % _SENT_TWICE_EVERY == _SENT_TWICE_EVERY - 1 else 1,
    )


def lengthened(characters: int) -> Alteration:
    return lambda log: replace(log, versions=1, characters=characters)


def carrying(fault: Fault) -> Alteration:
    """Sends the log as a message that makes the worker fail so."""
    return lambda log: replace(log, route="queue", versions=1, fault=fault)
