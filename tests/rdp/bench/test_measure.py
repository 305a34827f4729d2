"""The figures of a benchmark."""

import os

import pytest

from rdp.bench.load import Load
from rdp.bench.memory import Memory, is_running
from rdp.stack import StackError

ANSWERS = {"succeeded": [number / 1000 for number in range(100, 0, -1)], "others": 0}


def test_figures_of_a_load() -> None:
    assert Load.of(ANSWERS, 10).figures() == "10 (51.0 ms, 100.0 ms)"
    assert Load.of(ANSWERS | {"others": 3}, 10).figures().endswith(", 3 not accepted")


def test_share_of_the_health_page_is_by_rates() -> None:
    figures = Load.of(ANSWERS, 10).figures(pages=Load.of(ANSWERS, 5))

    assert figures == "10 (51.0 ms, 100.0 ms), 0.50 of the health page's"


def test_load_without_an_answer_is_an_error() -> None:
    with pytest.raises(StackError, match="no request of 10 s succeeded"):
        Load.of({"succeeded": [], "others": 7}, 10)


def test_memory_of_this_process() -> None:
    memory = Memory.of_tree(os.getpid())

    assert memory.processes >= 1
    assert memory.megabytes > 1


def test_process_that_does_not_run() -> None:
    assert is_running(os.getpid())
    # above the highest process id that Linux gives
    assert not is_running(2**22 + 1)
