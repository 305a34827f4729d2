"""The commands that the documentation shows exist, with their options."""

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.main import get_command

from rdp.cli.app import app
from tests.docs.commands import mentioned, problem
from tests.docs.pages import ROOT, pages, shell_code

_EMULATOR_PYTHON = ROOT / "emulator" / ".venv" / "bin" / "python"


@pages
def test_commands_of_rdp_exist(page: Path) -> None:
    command = get_command(app)
    shown = {line for code in shell_code(page) for line in mentioned("rdp", code)}

    assert {f"rdp {line}": wrong for line in shown if (wrong := problem(command, line))} == {}


Problems = Callable[[list[str]], list[str]]


@pytest.fixture(scope="module")
def emulator_problems() -> Problems:
    """Asks the emulator's command, which runs on another Python."""
    if not _EMULATOR_PYTHON.exists():
        pytest.skip("emulator/.venv is missing: run `make setup`")

    def ask(lines: list[str]) -> list[str]:
        script = ROOT / "tests" / "docs" / "commands.py"
        asked = subprocess.run(  # noqa: S603
            [_EMULATOR_PYTHON, script, "localstack_serverless.command.cli:cli"],
            input=json.dumps(lines),
            capture_output=True,
            check=True,
            text=True,
        )
        problems: list[str] = json.loads(asked.stdout)
        return problems

    return ask


@pages
def test_commands_of_the_emulator_exist(page: Path, emulator_problems: Problems) -> None:
    program = "localstack-serverless"
    shown = sorted({line for code in shell_code(page) for line in mentioned(program, code)})
    problems = emulator_problems(shown) if shown else []

    assert {
        f"{program} {line}": wrong for line, wrong in zip(shown, problems, strict=True) if wrong
    } == {}


@pytest.mark.parametrize(
    "line",
    [
        *("", "--help", "send", "send --text 'two words' --wait", "records list acme --isolation"),
        *("chaos run [EXPERIMENT...] --logs N", "dlq list", "chaos"),
    ],
)
def test_what_exists_is_accepted(line: str) -> None:
    assert problem(get_command(app), line) == ""


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("sned", "there is no command 'sned'"),
        ("chaos rnu", "there is no command 'rnu'"),
        ("send --txt x", "No such option '--txt'"),
        ("send --text", "requires an argument"),
        ("health now", "'now' is one argument too many"),
    ],
)
def test_what_does_not_exist_is_named(line: str, reason: str) -> None:
    assert reason in problem(get_command(app), line)


@pytest.mark.parametrize(
    ("code", "found"),
    [
        ("rdp dlq list|redrive|purge", ["dlq list"]),
        ("cd x && .venv/bin/rdp logs -f # all", ["logs -f"]),
        ('eval "$(rdp env)"', ["env"]),
        ("TARGET=aws rdp send --text 'a | b' | jq .", ["send --text 'a | b'"]),
        ("rdp send \\\n  --wait", ["send    --wait"]),
        ("rdp/cli, scripts/rdp.sh, rdp.cli:main, rdp = 1", []),
    ],
)
def test_calls_are_found_in_shell_code(code: str, found: list[str]) -> None:
    assert list(mentioned("rdp", code)) == found
