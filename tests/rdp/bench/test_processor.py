"""Processor time by part."""

import contextlib
import ctypes
import multiprocessing
import os
import time
from collections.abc import Iterator
from multiprocessing.connection import Connection
from multiprocessing.context import SpawnProcess

import pytest

from rdp.bench.processor import API, DYNAMODB, EMULATOR, OTHERS, WORKER, ProcessorTime, part_of

FUNCTIONS = {"robust-data-processor-api": API, "robust-data-processor-worker": WORKER}
PR_SET_NAME = 15


@pytest.mark.parametrize(
    ("name", "part"),
    [
        ("a-processor-api", API),
        ("ocessor-worker", None),
        ("rocessor-worker", WORKER),
        ("java", DYNAMODB),
        ("python3.11", None),
    ],
)
def test_part_of_a_process_is_known_by_its_name(name: str, part: str | None) -> None:
    assert part_of(name, FUNCTIONS) == part


def test_time_counts_for_the_part_that_a_process_or_its_parent_is_named_after() -> None:
    with _environment("a-processor-api") as parent:
        before = ProcessorTime.of_tree(os.getpid(), FUNCTIONS)
        parent.send(0.3)
        assert parent.recv() == "done"
        used = ProcessorTime.of_tree(os.getpid(), FUNCTIONS) - before

    assert used.seconds[API] >= 0.2
    assert used.seconds[EMULATOR] < used.seconds[API]


def test_figures_are_milliseconds_a_log() -> None:
    time_ = ProcessorTime({EMULATOR: 1.5, API: 2.5, OTHERS: 0.001})

    assert time_.figures(1000) == "4.0 ms (LocalStack 1.5, API 2.5)"


def test_emulator_whose_functions_are_not_named_gets_only_the_total() -> None:
    assert "cannot be told" in ProcessorTime({EMULATOR: 1.5, OTHERS: 2.5}).figures(1000)


@contextlib.contextmanager
def _environment(name: str) -> Iterator[Connection]:
    """A process with this name, whose child uses the processor for as long as it is sent."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process: SpawnProcess = context.Process(target=_run_named, args=(name, theirs))
    process.start()
    try:
        assert ours.recv() == "named"
        yield ours
    finally:
        process.kill()
        process.join()


def _run_named(name: str, connection: Connection) -> None:
    ctypes.CDLL(None).prctl(PR_SET_NAME, name.encode())
    connection.send("named")
    seconds = connection.recv()
    child = os.fork()
    if child == 0:
        while time.process_time() < seconds:
            pass
        os._exit(0)
    os.waitpid(child, 0)
    connection.send("done")
    connection.recv()
