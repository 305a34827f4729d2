"""The figures of a benchmark."""

import os

import pytest

from rdp.bench.measure import Memory, is_running, load_figures
from rdp.stack import StackError


def test_figures_of_a_load() -> None:
    answers = {"succeeded": [number / 1000 for number in range(100, 0, -1)], "others": 0}

    assert load_figures(answers, 10) == "10 (51.0 ms, 100.0 ms)"
    assert load_figures(answers | {"others": 3}, 10).endswith(", 3 not accepted")


def test_load_without_an_answer_is_an_error() -> None:
    with pytest.raises(StackError, match="no request of 10 s succeeded"):
        load_figures({"succeeded": [], "others": 7}, 10)


def test_memory_of_this_process() -> None:
    memory = Memory.of_tree(os.getpid())

    assert memory.processes >= 1
    assert memory.megabytes > 1


def test_process_that_does_not_run() -> None:
    assert is_running(os.getpid())
    # above the highest process id that Linux gives
    assert not is_running(2**22 + 1)
