"""Settings: Terraform's defaults, and what is refused."""

import re
from dataclasses import fields
from pathlib import Path

import pytest

from rdp.capacity.bill import ALARMS
from rdp.capacity.plan import Plan, changed
from rdp.capacity.settings import InvalidSettingError, Settings
from rdp.capacity.workload import Lengths, Workload

_INFRA = Path(__file__).parent.parent.parent.parent / "infra"
_DEFAULT = re.compile(
    r'^variable "(\w+)" \{\n(?:(?!^\}).*\n)*?  default     = (\S+)\n', re.MULTILINE
)
# what Terraform does not have
_OURS = {"lines_a_record"}


def test_defaults_are_terraforms() -> None:
    defaults = dict(_DEFAULT.findall((_INFRA / "variables.tf").read_text()))
    ours = {field.name: str(field.default).lower() for field in fields(Settings)}

    known = {name: value for name, value in ours.items() if name in defaults}
    assert known == {name: defaults[name] for name in known}
    assert {"worker_batch_size", "worker_memory_mb", "api_memory_mb"} <= known.keys()


def test_alarms_are_terraforms() -> None:
    alarms = re.findall(r"^    [a-z0-9-]+ = \{$", (_INFRA / "alarms.tf").read_text(), re.MULTILINE)

    assert len(alarms) == ALARMS


@pytest.mark.parametrize(
    ("assignment", "reason"),
    [
        ("worker_batch_size", "'worker_batch_size' is not NAME=VALUE"),
        ("batch=10", "no setting 'batch': there are worker_batch_size, "),
        ("worker_batch_size=ten", "worker_batch_size is 'ten': it must be a whole number"),
        ("worker_batch_size=9.5", "worker_batch_size is '9.5': it must be a whole number"),
        ("worker_batch_size=0", "worker_batch_size is 0: it must be from 1 to 100"),
        ("worker_batch_size=101", "worker_batch_size is 101: it must be from 1 to 100"),
        ("worker_batching_window_seconds=0", "worker_batch_size is 50: more than 10 messages"),
        ("worker_memory_mb=127", "worker_memory_mb is 127: it must be from 128 to 10,240"),
        ("processing_seconds_per_char=nan", "is 'nan': it must be a number"),
        ("processing_seconds_per_char=-1", "is -1: it must be from 0 to 10"),
        ("store_original_text=no", "store_original_text is 'no': it must be true or false"),
    ],
)
def test_wrong_setting_is_refused_by_name_and_value(assignment: str, reason: str) -> None:
    with pytest.raises(InvalidSettingError) as caught:
        changed(Settings(), [assignment])

    assert reason in str(caught.value)


def test_settings_are_changed_together() -> None:
    """One after the other, the first would be refused."""
    settings = changed(
        Settings(),
        [
            "worker_batching_window_seconds=0",
            "worker_batch_size=10",
            "processing_seconds_per_char=0.1",
            "store_original_text=false",
        ],
    )

    assert settings.worker_batching_window_seconds == 0
    assert settings.worker_batch_size == 10
    assert settings.processing_seconds_per_char == 0.1
    assert settings.store_original_text is False


def test_backlog_drains_lane_by_lane() -> None:
    """A tenth of the backlog is long: its lane is the slower one."""
    plan = Plan.of(Workload(10, Lengths.parse("90:100,10:1200")), Settings())
    [long] = [lane for lane in plan.lanes if lane.name == "long"]

    assert plan.seconds_to_drain(10_000) == pytest.approx(long.seconds_to_drain(1000))
    assert plan.seconds_to_drain(0) == 0


def test_memory_of_a_batch_that_is_tried_again() -> None:
    """61 MB and 1.25 MB for each of 50 children and their fork server: 124.75 MB."""
    plan = Plan.of(Workload(10, Lengths.parse("100")), Settings(worker_batch_size=50))

    assert plan.worker_peak_mb == pytest.approx(124.75)
