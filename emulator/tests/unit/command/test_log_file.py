"""LocalStack's log, from one start to the next."""

from collections.abc import Callable
from pathlib import Path

import pytest

from localstack_serverless.command import log_file


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "localstack.log"
    path.write_text("1\n2\n3\n")
    return path


def steps(*actions: Callable[[], object]) -> Callable[[], bool]:
    """One action at each call, then the end."""
    left = iter(actions)

    def step() -> bool:
        action = next(left, None)
        if action:
            action()
        return bool(action)

    return step


def append(path: Path, text: str) -> None:
    with path.open("a") as file:
        file.write(text)


def test_last_lines(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    log_file.follow(path, 2, lambda: False)
    assert capsys.readouterr().out == "2\n3\n"


def test_what_comes_is_shown_also_after_a_new_start(
    path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def start_again() -> None:
        with log_file.new(path) as log:
            log.write(b"new\n")

    log_file.follow(path, 0, steps(lambda: append(path, "4\n"), start_again, path.touch))
    assert capsys.readouterr().out == "4\nnew\n"
    assert path.with_name("localstack.log.1").read_text() == "1\n2\n3\n4\n"
