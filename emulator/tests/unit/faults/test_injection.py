from collections.abc import Iterator
from typing import Any

import pytest

from localstack_serverless.faults import injection as module
from localstack_serverless.faults.injection import (
    FAULTS,
    FaultInjection,
    ResponseLostError,
    SimulatedError,
    pass_call,
)
from localstack_serverless.faults.rules import (
    Call,
    Duplicate,
    Effects,
    Error,
    InvocationError,
    LostResponse,
    parse_rules,
)

from ..builders import Clock

PUT = Call("dynamodb", "PutItem", "eu-west-1", "logs")
GET = Call("dynamodb", "GetItem", "eu-west-1", "logs")
QUEUE = Call("sqs", "", "eu-west-1", "jobs")
FUNCTION = Call("lambda", "", "eu-west-1", "worker")


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(module, "time", clock)
    return clock


@pytest.fixture
def in_force() -> Iterator[None]:
    yield
    FAULTS.replace([])


def injection(*given: Any, seed: int = 7) -> FaultInjection:
    injection = FaultInjection()
    injection.reseed(seed)
    injection.replace(parse_rules([*given]))
    return injection


def test_first_rule_that_matches_wins() -> None:
    faults = injection(
        {"operation": "GetItem", "error": {"code": "first"}},
        {"loseResponse": True},
        {"error": {"code": "last"}},
    )
    met = faults.meet(GET)
    assert isinstance(met, Error)
    assert met.code == "first"
    assert faults.meet(PUT) == LostResponse()


def test_rule_that_is_not_drawn_leaves_the_call_to_the_next() -> None:
    faults = injection({"probability": 0}, {"loseResponse": True})
    assert faults.meet(PUT) == LostResponse()


def test_rules_for_calls_messages_and_invocations_do_not_hide_each_other() -> None:
    faults = injection(
        {"delivery": {"kind": "duplicate"}},
        {"invocation": {"action": "aws:lambda:invocation-error"}},
        {},
    )
    assert isinstance(faults.meet_receive(QUEUE), Duplicate)
    assert isinstance(faults.meet_invocation(FUNCTION), InvocationError)
    assert isinstance(faults.meet(PUT), Error)


@pytest.mark.parametrize(
    ("given", "looked_at"),
    [
        ({}, "on_calls"),
        ({"loseResponse": True}, "on_calls"),
        ({"delivery": {"kind": "outOfOrder"}}, "on_deliveries"),
        ({"invocation": {"action": "kill"}}, "on_invocations"),
    ],
)
def test_fast_paths_are_left_only_for_what_a_rule_is_about(
    given: dict[str, Any], looked_at: str
) -> None:
    flags = {"on_calls", "on_deliveries", "on_invocations"}
    faults = injection(given)
    assert {flag for flag in flags if getattr(faults, flag)} == {looked_at}
    faults.replace([])
    assert not any(getattr(faults, flag) for flag in flags)


def test_other_services_calls_stay_fast() -> None:
    faults = injection({"service": "sqs"}, {"delivery": {"kind": "duplicate"}})
    assert faults.may_meet("sqs")
    assert not faults.may_meet("dynamodb")
    faults.set_effects(Effects(latency=1))
    assert faults.may_meet("dynamodb")


def test_removed_are_the_rules_that_are_equal() -> None:
    faults = injection({"service": "sqs"}, {"service": "sqs", "probability": 0.5}, {})
    faults.remove(parse_rules([{"service": "sqs"}, {"service": "s3"}]))
    assert [rule.as_given() for rule in faults.rules] == [
        {"service": "sqs", "probability": 0.5},
        {},
    ]


def test_added_rules_come_last() -> None:
    faults = injection({"operation": "PutItem"})
    faults.add(parse_rules([{"loseResponse": True}]))
    assert isinstance(faults.meet(PUT), Error)
    assert faults.meet(GET) == LostResponse()


def test_rule_ends_by_itself(clock: Clock) -> None:
    faults = injection({"seconds": 5}, {"operation": "PutItem", "loseResponse": True})
    clock.now += 4.9
    assert isinstance(faults.meet(PUT), Error)
    clock.now += 0.2
    assert faults.meet(PUT) == LostResponse()
    assert [rule.operation for rule in faults.rules] == ["PutItem"]


def test_fast_paths_are_taken_again_when_the_last_rule_has_ended(clock: Clock) -> None:
    faults = injection({"seconds": 5})
    clock.now += 5.1
    assert faults.meet(PUT) is None
    assert not faults.on_calls


def test_reseeding_does_not_prolong_a_rule(clock: Clock) -> None:
    faults = injection({"seconds": 5})
    clock.now += 4
    faults.reseed(8)
    clock.now += 2
    assert faults.rules == []


def test_latency_holds_calls_up_until_it_ends(clock: Clock) -> None:
    faults = injection()
    faults.set_effects(Effects(latency=250, seconds=1))
    began = clock.now
    assert faults.on_calls
    assert faults.meet(PUT) is None
    assert clock.now == began + 0.25
    clock.now += 1
    faults.meet(PUT)
    assert clock.now == began + 1.25
    assert faults.effects == Effects()
    assert not faults.on_calls


def test_same_seed_and_calls_meet_the_same() -> None:
    given = {"operation": "PutItem", "probability": 0.5}

    def run(seed: int) -> list[bool]:
        faults = injection(given, seed=seed)
        return [faults.meet(PUT) is not None for _ in range(50)]

    assert run(7) == run(7)
    assert run(7) != run(8)
    assert 10 < sum(run(7)) < 40


def test_calls_that_a_rule_is_not_about_do_not_change_what_it_draws() -> None:
    given = {"operation": "PutItem", "probability": 0.5}
    alone, between = injection(given), injection({"operation": "GetItem"}, given)
    met = []
    for _ in range(50):
        between.meet(GET)
        met.append(between.meet(PUT))
    assert met == [alone.meet(PUT) for _ in range(50)]


def test_how_long_a_rule_holds_does_not_change_what_it_draws() -> None:
    given = {"operation": "PutItem", "probability": 0.5}
    short, long = injection({**given, "seconds": 10}), injection({**given, "seconds": 20})
    assert [short.meet(PUT) for _ in range(50)] == [long.meet(PUT) for _ in range(50)]


def test_messages_are_held_back_for_different_times_within_the_delay() -> None:
    faults = injection({"delivery": {"kind": "outOfOrder", "delaySeconds": 4}})
    delays = [faults.meet_send(QUEUE) for _ in range(50)]
    assert len(set(delays)) == 50
    assert all(0 <= delay <= 4 for delay in delays)


@pytest.mark.usefixtures("in_force")
def test_call_that_fails_is_not_performed() -> None:
    performed: list[int] = []
    FAULTS.replace(parse_rules([{"error": {"statusCode": 400, "code": "Throttled"}}]))
    with pytest.raises(SimulatedError) as error:
        pass_call(PUT, lambda: performed.append(1))
    assert (error.value.code, error.value.status_code) == ("Throttled", 400)
    assert performed == []


@pytest.mark.usefixtures("in_force")
def test_call_whose_response_is_lost_is_performed() -> None:
    performed: list[int] = []
    FAULTS.replace(parse_rules([{"loseResponse": True}]))
    with pytest.raises(ResponseLostError):
        pass_call(PUT, lambda: performed.append(1))
    assert performed == [1]
