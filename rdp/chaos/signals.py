"""Ctrl-C and signals that end the process do not interrupt healing: they wait for its end."""

from __future__ import annotations

import contextlib
import signal
import sys
from collections.abc import Iterator

_ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def end_in_order() -> None:
    """SIGTERM and SIGHUP raise an exception as Ctrl-C does, so that what is broken is healed."""
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda came, _frame: sys.exit(128 + came))


@contextlib.contextmanager
def deferred() -> Iterator[None]:
    """Signals take effect only at the end of the block. For the main thread."""
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
