"""Waiting for a state, with a deadline."""

import time
from collections.abc import Callable
from typing import TypeVar, cast

Seen = TypeVar("Seen")

_MAX_SHOWN_CHARS = 800


class DeadlineExceededError(Exception):
    """The state was not reached; the message has what was seen last."""


def wait_until(
    look: Callable[[], Seen],
    done: Callable[[Seen], object] = bool,
    *,
    deadline: float,
    what: str,
    interval: float = 0.25,
) -> Seen:
    """Call `look` every `interval` seconds until its result is `done`, and return the result.

    `wait_until(tenant.records, lambda records: len(records) == 3, deadline=30, what="3 records")`

    :raises DeadlineExceededError: not done after `deadline` seconds
    """
    end = time.monotonic() + deadline
    while not done(seen := look()):
        if time.monotonic() >= end:
            raise DeadlineExceededError(
                f"waited {deadline:g} s for {what}; last seen: {_shown(seen)}"
            )
        time.sleep(interval)
    return seen


def wait_for(
    look: Callable[[], Seen | None],
    done: Callable[[Seen], object] = lambda _seen: True,
    *,
    deadline: float,
    what: str,
) -> Seen:
    """Like `wait_until`, for something that is None until it exists."""
    found = wait_until(
        look, lambda seen: seen is not None and done(seen), deadline=deadline, what=what
    )
    return cast("Seen", found)


def _shown(seen: object) -> str:
    text = repr(seen)
    return text if len(text) <= _MAX_SHOWN_CHARS else f"{text[:_MAX_SHOWN_CHARS]}..."
