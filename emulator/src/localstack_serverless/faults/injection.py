"""The faults in force, and which of them a call, a message or an invocation meets."""

import math
import secrets
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from random import Random
from typing import Any

from .rules import (
    Call,
    CallEffect,
    DeliveryEffect,
    Duplicate,
    Effect,
    Effects,
    Error,
    InvocationEffect,
    LostResponse,
    OutOfOrder,
    Rule,
)

# LocalStack's wording
SIMULATED = "Operation failed due to a simulated fault"


class SimulatedError(Exception):
    """A rule made the call fail before it had any effect."""

    def __init__(self, error: Error) -> None:
        super().__init__(SIMULATED)
        self.code, self.status_code = error.code, error.status_code


class ResponseLostError(Exception):
    """The call took effect, but the caller must not get the response."""


@dataclass(frozen=True, eq=False)
class _InForce:
    """A rule that is in force.

    :ivar random: used by this rule only. With the same seed, the rule's n-th matching call has the
        same result, whatever other calls were made in between.
    :ivar ends: as time.monotonic()
    """

    rule: Rule
    effect: Effect
    random: Random
    ends: float

    def strikes(self, call: Call) -> bool:
        return (
            self.ends > time.monotonic()
            and self.rule.matches(call)
            and self.random.random() < self.rule.probability
        )


class FaultInjection:
    """The rules and effects in force. Hot paths check the three flags first.

    :ivar on_calls: whether any rule or effect is about calls
    :ivar on_deliveries: whether any rule is about messages
    :ivar on_invocations: whether any rule is about invocations of functions
    """

    def __init__(self) -> None:
        self.on_calls = self.on_deliveries = self.on_invocations = False
        self._in_force: tuple[_InForce, ...] = ()
        self._effects, self._effects_end = Effects(), math.inf
        # when the first rule or effect ends
        self._next_end = math.inf
        self._seed = secrets.randbits(32)
        self._lock = threading.RLock()

    @property
    def rules(self) -> list[Rule]:
        self._drop_ended()
        return [fault.rule for fault in self._in_force]

    @property
    def effects(self) -> Effects:
        self._drop_ended()
        return self._effects

    @property
    def seed(self) -> int:
        return self._seed

    def replace(self, rules: Iterable[Rule]) -> None:
        with self._lock:
            self._set(self._begin(rule, _end(rule.seconds)) for rule in rules)

    def add(self, rules: Iterable[Rule]) -> None:
        with self._lock:
            added = [self._begin(rule, _end(rule.seconds)) for rule in rules]
            self._set([*self._in_force, *added])

    def remove(self, rules: Iterable[Rule]) -> None:
        removed = list(rules)
        with self._lock:
            self._set(fault for fault in self._in_force if fault.rule not in removed)

    def set_effects(self, effects: Effects) -> None:
        with self._lock:
            self._effects, self._effects_end = effects, _end(effects.seconds)
            self._set(self._in_force)

    def reseed(self, seed: int) -> None:
        """Restart the random numbers of every rule."""
        with self._lock:
            self._seed = seed
            self._set(self._begin(fault.rule, fault.ends) for fault in self._in_force)

    def may_meet(self, service: str) -> bool:
        """Whether any rule or effect could apply to calls of the service."""
        return self._effects.latency > 0 or any(
            isinstance(fault.effect, CallEffect) and fault.rule.service in (None, service)
            for fault in self._in_force
        )

    def meet(self, call: Call) -> CallEffect | None:
        """Wait for the latency in force, then return what happens to the call."""
        self._drop_ended()
        if latency := self._effects.latency:
            time.sleep(latency / 1000)
        return self._effect(CallEffect, call)

    def meet_invocation(self, function: Call) -> InvocationEffect | None:
        return self._effect(InvocationEffect, function)

    def meet_receive(self, message: Call) -> Duplicate | None:
        return self._effect(Duplicate, message)

    def meet_send(self, message: Call) -> float:
        """For how many seconds to delay the message."""
        effect, random = self._strike(OutOfOrder, message)
        return random.uniform(0, effect.delay_seconds) if effect else 0

    def _effect[E: Effect](self, kind: type[E], call: Call) -> E | None:
        return self._strike(kind, call)[0]

    def _strike[E: Effect](self, kind: type[E], call: Call) -> tuple[E | None, Any]:
        """The effect of the first rule of this kind that matches and is drawn, and its random."""
        self._drop_ended()
        for fault in self._in_force:
            if isinstance(fault.effect, kind) and fault.strikes(call):
                return fault.effect, fault.random
        return None, None

    def _begin(self, rule: Rule, ends: float) -> _InForce:
        # without its duration, which must not change what it draws
        what = rule.model_dump_json(exclude={"seconds"})
        random = Random(f"{self._seed} {what}")  # noqa: S311 - reproducible on purpose
        return _InForce(rule, rule.effect, random, ends)

    def _set(self, faults: Iterable[_InForce]) -> None:
        self._in_force = tuple(faults)
        self._next_end = min([self._effects_end, *(fault.ends for fault in self._in_force)])
        self.on_calls = self._has(CallEffect) or self._effects.latency > 0
        self.on_deliveries = self._has(DeliveryEffect)
        self.on_invocations = self._has(InvocationEffect)

    def _has(self, kind: type[Effect]) -> bool:
        return any(isinstance(fault.effect, kind) for fault in self._in_force)

    def _drop_ended(self) -> None:
        if self._next_end > time.monotonic():
            return
        with self._lock:
            now = time.monotonic()
            if self._effects_end <= now:
                self._effects, self._effects_end = Effects(), math.inf
            self._set(fault for fault in self._in_force if fault.ends > now)


def _end(seconds: float | None) -> float:
    return math.inf if seconds is None else time.monotonic() + seconds


FAULTS = FaultInjection()


def pass_call[T](call: Call, perform: Callable[[], T]) -> T:
    """Perform a call that stays in LocalStack's process here, but crosses the network on AWS.

    :raises SimulatedError: it was not performed
    :raises ResponseLostError: it was performed
    """
    if not FAULTS.on_calls:
        return perform()
    effect = FAULTS.meet(call)
    if isinstance(effect, Error):
        raise SimulatedError(effect)
    result = perform()
    if isinstance(effect, LostResponse):
        raise ResponseLostError(f"the response of {call.service}:{call.operation} was lost")
    return result
