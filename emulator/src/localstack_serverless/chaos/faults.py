"""The faults in force, and what calls, messages and invocations meet of them."""

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

# LocalStack's words
SIMULATED = "Operation failed due to a simulated fault"


class SimulatedError(Exception):
    """The call failed by a rule, and had no effect."""

    def __init__(self, error: Error) -> None:
        super().__init__(SIMULATED)
        self.code, self.status_code = error.code, error.status_code


class ResponseLostError(Exception):
    """The call took effect, and its caller must not learn of it."""


@dataclass(frozen=True, eq=False)
class _InForce:
    """A rule since it was given.

    :ivar random: of this rule alone: with the same seed, its n-th matching call meets the same,
        whatever other calls come between
    :ivar ends: by time.monotonic()
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
    """Which rules and effects there are. The first three are what fast paths look at.

    :ivar on_calls: whether calls may meet anything
    :ivar on_deliveries: whether messages may
    :ivar on_invocations: whether invocations of functions may
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
        """Every rule begins its draws anew."""
        with self._lock:
            self._seed = seed
            self._set(self._begin(fault.rule, fault.ends) for fault in self._in_force)

    def may_meet(self, service: str) -> bool:
        """Whether a call of the service could suffer anything."""
        return self._effects.latency > 0 or any(
            isinstance(fault.effect, CallEffect) and fault.rule.service in (None, service)
            for fault in self._in_force
        )

    def meet(self, call: Call) -> CallEffect | None:
        """Hold the call up by the latency in force, and tell what it suffers."""
        self._drop_ended()
        if latency := self._effects.latency:
            time.sleep(latency / 1000)
        return self._effect(CallEffect, call)

    def meet_invocation(self, function: Call) -> InvocationEffect | None:
        return self._effect(InvocationEffect, function)

    def meet_receive(self, message: Call) -> Duplicate | None:
        return self._effect(Duplicate, message)

    def meet_send(self, message: Call) -> float:
        """For how many seconds the message is held back."""
        effect, random = self._strike(OutOfOrder, message)
        return random.uniform(0, effect.delay_seconds) if effect else 0

    def _effect[E: Effect](self, kind: type[E], call: Call) -> E | None:
        return self._strike(kind, call)[0]

    def _strike[E: Effect](self, kind: type[E], call: Call) -> tuple[E | None, Any]:
        """The effect of the first rule of the kind that matches, where its probability has it."""
        self._drop_ended()
        for fault in self._in_force:
            if isinstance(fault.effect, kind) and fault.strikes(call):
                return fault.effect, fault.random
        return None, None

    def _begin(self, rule: Rule, ends: float) -> _InForce:
        # however long it holds
        what = rule.model_dump_json(exclude={"seconds"})
        random = Random(f"{self._seed} {what}")  # noqa: S311 - to be repeated
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
    """Perform what is a call in LocalStack's process, and one over the network on AWS.

    :raises SimulatedError: it was not performed
    :raises ResponseLostError: it was
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
