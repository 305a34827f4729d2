"""Ctrl-C and SIGTERM wait until everything is healed."""

import signal
from collections.abc import Iterator

import pytest

from rdp.chaos import signals

ENDING = [signal.SIGTERM, signal.SIGHUP]


@pytest.fixture
def ctrl_c() -> Iterator[None]:
    """A shell starts background jobs with SIGINT ignored."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("ctrl_c")
def test_ctrl_c_waits_for_the_end() -> None:
    healed = []

    def heal() -> None:
        with signals.deferred():
            signal.raise_signal(signal.SIGINT)
            signal.raise_signal(signal.SIGINT)
            healed.append(True)

    with pytest.raises(KeyboardInterrupt):
        heal()
    assert healed


def test_nothing_comes_where_nothing_came() -> None:
    before = signal.getsignal(signal.SIGINT)
    with signals.deferred():
        pass
    assert signal.getsignal(signal.SIGINT) == before


@pytest.mark.parametrize("ending", ENDING)
def test_signal_that_ends_a_process_unwinds_it(ending: signal.Signals) -> None:
    before = {number: signal.getsignal(number) for number in ENDING}
    try:
        signals.end_in_order()
        with pytest.raises(SystemExit) as ended:
            signal.raise_signal(ending)
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    assert ended.value.code == 128 + ending
