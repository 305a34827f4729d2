"""Random schedules of overlapping disruptions, and the shortest schedule that still fails."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence

from rdp.chaos.catalogue import Experiment, Planned
from rdp.chaos.checks import poison_in_dlq
from rdp.chaos.disruptions import ALL
from rdp.chaos.plan import Window

Schedule = tuple[Planned, ...]

# The rules of the others are lost when LocalStack is killed, and they can neither begin nor end
# while it does not answer.
_ALONE = {"kill-localstack", "network-partition", "freeze"}
# Each puts back the settings that it found, which another may have changed.
_ALONE |= {"overload", "long-outage", "few-workers"}
# Each enables the mapping at its end, while another may still need it disabled.
_PAUSING = {"worker-paused", "worker-crash", "poison-among-neighbours"}
_MOST = 4


class ScheduleError(Exception):
    """A schedule that cannot be read; the message shows a valid one."""


def draw(count: int, seed: int) -> Iterator[Schedule]:
    """The same seed gives the same schedules."""
    chance = random.Random(seed)
    names = sorted(ALL.keys() - _ALONE)
    for _ in range(count):
        pausing = chance.choice(sorted(_PAUSING))
        drawable = [name for name in names if name not in _PAUSING or name == pausing]
        chosen = chance.sample(drawable, chance.randint(2, _MOST))
        yield tuple(Planned(ALL[name], _window(chance)) for name in chosen)


def _window(chance: random.Random) -> Window:
    start = chance.randrange(0, 60, 10)
    return Window(start / 100, (start + chance.randrange(20, 50, 10)) / 100)


def shown(schedule: Schedule) -> str:
    return ",".join(str(planned) for planned in schedule)


def parse(text: str) -> Schedule:
    """Reads what `shown` writes: `worker-crash@20-60,sqs-outage@30-50`, in percent of the logs.

    :raises ScheduleError: it is not such a list, or the same part is in it twice
    """
    parts = text.split(",") if text else []
    if doubled := [part for part in parts if parts.count(part) > 1]:
        raise ScheduleError(f"{doubled[0]!r} is in the schedule twice")
    return tuple(_parse_one(part) for part in parts)


def _parse_one(text: str) -> Planned:
    name, _, window = text.partition("@")
    start, _, end = window.partition("-")
    if name not in ALL or not (start.isdecimal() and end.isdecimal()):
        raise ScheduleError(
            f"{text!r} is not a disruption with its window, such as worker-crash@20-60 (percent of"
            f" the logs sent); the disruptions: {', '.join(sorted(ALL))}"
        )
    if not 0 <= int(start) < int(end) <= 100:
        raise ScheduleError(f"{text!r}: the window must lie within 0-100, and start before it ends")
    return Planned(ALL[name], Window(int(start) / 100, int(end) / 100))


def as_experiment(name: str, schedule: Schedule) -> Experiment:
    makes_poison = any(planned.disruption.makes_poison for planned in schedule)
    checks = (poison_in_dlq,) if makes_poison else ()
    return Experiment(name, shown(schedule), "I1-I6, as of each alone", schedule, checks)


def shortest(schedule: Schedule, fails: Callable[[Schedule], bool]) -> Schedule:
    """The part of a failing schedule that fails, but no longer without any one disruption."""
    for shorter in _without_one(schedule):
        if fails(shorter):
            return shortest(shorter, fails)
    return schedule


def _without_one(schedule: Sequence[Planned]) -> Iterator[Schedule]:
    for left_out in range(len(schedule)):
        yield (*schedule[:left_out], *schedule[left_out + 1 :])
