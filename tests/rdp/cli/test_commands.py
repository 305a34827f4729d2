"""The command line: what it refuses before it looks for a stack."""

import subprocess
from pathlib import Path

import pytest
from typer.testing import CliRunner

from rdp.checkout import ROOT
from rdp.cli.app import app
from tests.rdp.listeners import listening

RDP = ROOT / ".venv" / "bin" / "rdp"
COMMANDS = [
    *(["send"], ["records"], ["records", "list"], ["records", "get"], ["logs"], ["health"]),
    *(["dlq"], ["dlq", "list"], ["dlq", "redrive"], ["dlq", "purge"], ["status"], ["reset"]),
    *(["load"], ["bench"], ["chaos"], ["chaos", "run"], ["chaos", "judge"], ["chaos", "list"]),
]


def _rdp(*arguments: str, **environment: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(  # noqa: S603 - a command of ours
        [RDP, *arguments],
        env={"PATH": "/usr/bin:/bin", "COLUMNS": "200", **environment},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
@pytest.mark.parametrize("option", ["--help", "-h"])
def test_every_command_explains_itself(command: list[str], option: str) -> None:
    result = CliRunner().invoke(app, [*command, option], prog_name="rdp")

    assert result.exit_code == 0, result.stderr
    assert f"Usage: rdp {' '.join(command)}" in result.stdout


@pytest.mark.parametrize(
    ("arguments", "fragment"),
    [
        (["send", "--timeout", "abc"], "'abc'"),
        (["send", "--timeout", "0"], "0 is not in the range"),
        (["send", "--format", "xml"], "'xml'"),
        (["health", "--target", "gcp"], "'gcp' is not one of 'local', 'aws'"),
        (["logs", "--since", "yesterday"], "'yesterday' is not a duration: write 90s, 10m, 2h or"),
        (["logs", "--since", "9" * 5000 + "d"], "is not a duration"),
        (["chaos", "run", "freeze", "--random", "2"], "EXPERIMENT and --random exclude each other"),
        (
            ["chaos", "run", "--schedule", "freeze@1-2", "--random", "2"],
            "--schedule and --random exclude each other",
        ),
        (["logs", "database"], "'database'"),
        (["load", "--rate", "fast"], "'fast'"),
        (["records", "list", "--isolation"], "--isolation needs a TENANT"),
        (["chaos", "run", "earthquake"], "no experiment is called 'earthquake'"),
        (["chaos", "run", "--logs", "5"], "5 is not in the range"),
        (["chaos", "run", "--logs", "1000", "--seconds", "1"], "at least 17 seconds"),
        (["chaos", "run", "--schedule", "x"], "'x' is not a disruption"),
        (["bench", "speed"], "'speed'"),
        (["recrods"], "recrods"),
    ],
)
def test_bad_value_is_refused_by_name(arguments: list[str], fragment: str) -> None:
    result = CliRunner().invoke(app, arguments)

    assert result.exit_code == 2
    assert fragment in result.stderr


@pytest.mark.parametrize(
    "arguments",
    [
        *(["health"], ["status"], ["logs"], ["dlq", "list"], ["records", "list"]),
        ["send", "--text", "x"],
    ],
    ids=" ".join,
)
def test_another_program_on_the_port_is_an_error_of_one_line(arguments: list[str]) -> None:
    with listening({"/": "hello"}) as url:
        finished = _rdp(*arguments, STACK_ENDPOINT=url)

    assert finished.returncode == 1
    assert finished.stdout == ""
    [line] = finished.stderr.splitlines()
    assert line.startswith(f"rdp: what answers on {url} is not LocalStack")


def test_missing_evidence_is_an_error_that_says_what_writes_it(tmp_path: Path) -> None:
    finished = _rdp("chaos", "judge", str(tmp_path / "nothing.json"))

    assert finished.returncode == 1
    assert "`rdp chaos run` writes one" in finished.stderr
    assert len(finished.stderr.splitlines()) == 1


@pytest.mark.parametrize(
    ("typed", "completed"),
    [
        ("rdp re", ["reset", "records"]),
        ("rdp chaos run worker-c", ["worker-crash"]),
        ("rdp health --target ", ["local", "aws"]),
    ],
)
def test_shell_completes_commands_and_values(typed: str, completed: list[str]) -> None:
    finished = _rdp(
        _RDP_COMPLETE="complete_bash", COMP_WORDS=typed, COMP_CWORD=str(typed.count(" "))
    )

    assert finished.stdout.split() == completed
