"""Everything that the model says about one workload with one configuration."""

from __future__ import annotations

import math
from dataclasses import dataclass, fields, replace
from typing import Any

from rdp.capacity.bill import Bill, bill
from rdp.capacity.lane import Lane, lanes
from rdp.capacity.measured import worker_peak_mb
from rdp.capacity.quotas import Limit, limits
from rdp.capacity.settings import InvalidSettingError, Settings
from rdp.capacity.workload import Workload

_BOOLEANS = {"true": True, "false": False}


@dataclass(frozen=True)
class Plan:
    workload: Workload
    settings: Settings
    lanes: list[Lane]
    bill: Bill
    limits: list[Limit]

    @classmethod
    def of(cls, workload: Workload, settings: Settings) -> Plan:
        found = lanes(workload, settings)
        return cls(
            workload,
            settings,
            found,
            bill(workload, settings, found),
            limits(workload, settings, found),
        )

    @property
    def worker_peak_mb(self) -> float:
        return worker_peak_mb(self.settings.worker_batch_size)

    def seconds_to_drain(self, backlog: float) -> float:
        """Until these waiting messages are processed, spread over the lanes like the logs that
        keep coming; infinite if the backlog grows."""
        each = backlog / self.workload.rate
        return max(lane.seconds_to_drain(each * lane.rate) for lane in self.lanes)


def changed(settings: Settings, assignments: list[str]) -> Settings:
    """The settings with changes such as `worker_batch_size=20`.

    :raises InvalidSettingError: a name is unknown, or its value is wrong
    """
    changes: dict[str, Any] = {}
    for assignment in assignments:
        name, equals, value = assignment.partition("=")
        if not equals:
            raise InvalidSettingError(f"{assignment!r} is not NAME=VALUE")
        changes[name] = _parsed(name, value)
    return replace(settings, **changes)


def _parsed(name: str, value: str) -> float | bool:
    types = {field.name: str(field.type) for field in fields(Settings)}
    if name not in types:
        raise InvalidSettingError(f"no setting {name!r}: there are {', '.join(types)}")
    if types[name] == "bool":
        if value not in _BOOLEANS:
            raise InvalidSettingError(f"{name} is {value!r}: it must be true or false")
        return _BOOLEANS[value]
    try:
        number = float(value) if types[name] == "float" else int(value)
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        kind = "a number" if types[name] == "float" else "a whole number"
        raise InvalidSettingError(f"{name} is {value!r}: it must be {kind}")
    return number
