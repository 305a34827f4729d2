"""Random schedules: reproducible, readable, and shrunk to the shortest that still fails."""

import pytest

from rdp.chaos.schedule import Schedule, ScheduleError, draw, parse, shortest, shown


def test_same_seed_draws_the_same_schedules() -> None:
    assert list(draw(20, seed=7)) == list(draw(20, seed=7))
    assert list(draw(20, seed=7)) != list(draw(20, seed=8))


def test_schedules_overlap_and_stay_within_the_load() -> None:
    schedules = list(draw(50, seed=1))

    windows = [planned.window for schedule in schedules for planned in schedule]
    assert all(0 <= window.start < window.end <= 1 for window in windows)
    assert any(_overlap(schedule) for schedule in schedules)


def _overlap(schedule: Schedule) -> bool:
    first, second, *_ = sorted(schedule, key=lambda planned: planned.window.start)
    return second.window.start < first.window.end


def test_printed_schedule_can_be_run_again() -> None:
    for schedule in draw(20, seed=3):
        assert parse(shown(schedule)) == schedule


@pytest.mark.parametrize(
    ("text", "fragment"),
    [
        ("worker-crash", "worker-crash@20-60"),
        ("earthquake@20-60", "'earthquake@20-60' is not a disruption"),
        ("sqs-outage@60-20", "start before it ends"),
        ("sqs-outage@20-120", "within 0-100"),
        ("sqs-outage@20-60,sqs-outage@20-60", "twice"),
        ("sqs-outage@20-60,", "'' is not a disruption"),
    ],
)
def test_unreadable_schedule_is_refused_with_a_readable_one(text: str, fragment: str) -> None:
    with pytest.raises(ScheduleError, match=fragment):
        parse(text)


@pytest.mark.parametrize("culprits", [("sqs-outage",), ("worker-crash", "dynamodb-outage")])
def test_failing_schedule_shrinks_to_its_culprits(culprits: tuple[str, ...]) -> None:
    schedule = parse("worker-crash@0-40,sqs-outage@20-50,dynamodb-outage@30-70,slow-network@0-90")

    found = shortest(schedule, lambda shorter: {*culprits} <= _names(shorter))

    assert _names(found) == {*culprits}
    assert set(found) <= set(schedule)


def test_nothing_is_left_where_the_stack_fails_by_itself() -> None:
    schedule = parse("worker-crash@0-40,sqs-outage@20-50")

    assert shortest(schedule, lambda _shorter: True) == ()


def _names(schedule: Schedule) -> set[str]:
    return {planned.disruption.name for planned in schedule}
