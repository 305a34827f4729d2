"""Healing is not interrupted: Ctrl-C and signals that end the process wait for it."""

from __future__ import annotations

import contextlib
import signal
import sys
from collections.abc import Iterator

_ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def end_in_order() -> None:
    """SIGTERM and SIGHUP unwind as Ctrl-C does, so that whatever is broken is healed."""
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda came, _frame: sys.exit(128 + came))


@contextlib.contextmanager
def deferred() -> Iterator[None]:
    """What comes meanwhile takes effect at the end. For the main thread."""
    came: list[int] = []
    handlers = {
        number: signal.signal(number, lambda this, _frame: came.append(this)) for number in _ENDING
    }
    try:
        yield
    finally:
        for number, handler in handlers.items():
            signal.signal(number, handler)
        if came:
            signal.raise_signal(signal.Signals(came[0]))
