"""How a command ends: with one line and a status, whatever happens."""

import os
import pty
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from rdp.checkout import ROOT
from rdp.cli import records
from tests.rdp.cloud import Cloud
from tests.rdp.fixtures import Rdp
from tests.rdp.listeners import listening

RDP = str(ROOT / ".venv" / "bin" / "rdp")
ENVIRONMENT = {"PATH": "/usr/bin:/bin", "COLUMNS": "200"}


@pytest.mark.parametrize(
    ("operation", "code"),
    [("Scan", "AccessDeniedException"), ("Scan", "ResourceNotFoundException")],
)
def test_refusal_of_aws_is_one_line(rdp: Rdp, cloud: Cloud, operation: str, code: str) -> None:
    cloud.dynamodb.refuses(operation, code, "because")

    result = rdp("records", "list")

    assert (result.exit_code, result.stdout) == (1, "")
    [line] = result.stderr.splitlines()
    assert line.startswith("rdp: ")
    assert code in line


def test_service_that_cannot_be_reached_is_one_line(rdp: Rdp, cloud: Cloud) -> None:
    cloud.sqs.is_unreachable()

    result = rdp("dlq", "list")

    assert result.exit_code == 1
    assert len(result.stderr.splitlines()) == 1


def test_error_of_ours_keeps_its_traceback(rdp: Rdp, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(records, "_list_tenants", broken)

    with pytest.raises(ZeroDivisionError):
        rdp("records", "list")


@pytest.mark.parametrize(
    ("arguments", "fragment"),
    [
        (["chaos", "judge", "{folder}"], "Is a directory"),
        (["chaos", "judge", "{folder}/empty", "--report", "{folder}"], "not the evidence"),
    ],
)
def test_file_that_cannot_be_read_is_one_line(
    rdp: Rdp, tmp_path: Path, arguments: list[str], fragment: str
) -> None:
    (tmp_path / "empty").write_text("")

    result = rdp(*(argument.format(folder=tmp_path) for argument in arguments))

    assert result.exit_code == 1
    [line] = result.stderr.splitlines()
    assert fragment in line


# -- as a process ------------------------------------------------------------------------------


@pytest.fixture
def silent() -> Iterator[str]:
    """The URL of a LocalStack that takes connections and never answers."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield f"http://127.0.0.1:{server.getsockname()[1]}"


def test_ctrl_c_while_a_stack_does_not_answer(silent: str) -> None:
    process = subprocess.Popen(  # noqa: S603 - a command of ours
        [RDP, "status"],
        env=ENVIRONMENT | {"STACK_ENDPOINT": silent},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        # a shell starts background jobs with SIGINT ignored
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),  # noqa: PLW1509
    )
    try:
        _wait_until_connected(process.pid)
        process.send_signal(signal.SIGINT)
        stdout, stderr = process.communicate(timeout=20)
    finally:
        process.kill()

    assert (process.returncode, stdout) == (130, "")
    assert stderr == "rdp: interrupted\n"


def _wait_until_connected(process: int) -> None:
    deadline = time.monotonic() + 20
    sockets = Path(f"/proc/{process}/fd")
    while not any("socket:" in str(fd.readlink()) for fd in sockets.iterdir() if fd.is_symlink()):
        assert time.monotonic() < deadline, "it never connected"
        time.sleep(0.02)


@pytest.mark.parametrize("redirection", ["<&-", ">&-", "2>&-", "<&- >&- 2>&-"])
def test_closed_streams_are_no_traceback(redirection: str) -> None:
    with listening({"/": "hello"}) as url:
        finished = _shell(f"{RDP} send --text x {redirection}", STACK_ENDPOINT=url)

    assert finished.returncode == 1
    assert "Traceback" not in finished.stderr


def test_closed_pipe_ends_quietly() -> None:
    finished = _shell(f"{RDP} chaos list | head -1 >/dev/null; exit ${{PIPESTATUS[0]}}")

    assert finished.returncode in (0, 1)
    assert finished.stderr == ""


def test_full_disk_is_an_error() -> None:
    finished = _shell(f"{RDP} chaos list >/dev/full")

    assert finished.returncode == 1
    assert "No space left on device" in finished.stderr
    assert "Traceback" not in finished.stderr


def test_output_is_utf8_in_every_locale() -> None:
    finished = _shell(
        f"{RDP} records get 世界 x", PYTHONIOENCODING="ascii", STACK_ENDPOINT="http://localhost:9"
    )

    assert finished.returncode == 1
    assert finished.stderr.startswith("rdp: no LocalStack answers")


def test_help_starts_without_slow_imports() -> None:
    finished = _shell(
        f"{ROOT}/.venv/bin/python -c 'import sys; import rdp.cli.app;"
        ' print(*{"boto3", "botocore", "requests", "rich", "locust"} & {*sys.modules})\''
    )

    assert (finished.stdout, finished.stderr) == ("\n", "")


def _shell(command: str, **environment: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(  # noqa: S603 - a command of ours
        ["/bin/bash", "-c", command],
        env=ENVIRONMENT | environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


# -- on a terminal -----------------------------------------------------------------------------


def _on_terminal(*arguments: str, columns: int, typed: bytes = b"", **environment: str) -> str:
    """What the command shows."""
    pid, terminal = pty.fork()
    if pid == 0:
        os.environ.clear()
        os.environ.update(ENVIRONMENT | {"COLUMNS": str(columns), "TERM": "xterm", **environment})
        os.execv(RDP, [RDP, *arguments])  # noqa: S606 - a command of ours
    os.write(terminal, typed)
    shown = b""
    try:
        while some := os.read(terminal, 10_000):
            shown += some
    except OSError:
        pass  # its end
    finally:
        os.waitpid(pid, 0)
        os.close(terminal)
    return shown.decode()


@pytest.mark.parametrize("columns", [1, 5, 40])
def test_help_fits_any_terminal(columns: int) -> None:
    shown = _on_terminal("send", "--help", columns=columns)

    assert "Traceback" not in shown
    assert shown.strip()


def test_list_is_shown_on_a_terminal() -> None:
    shown = _on_terminal("chaos", "list", columns=80)

    assert "worker-crash" in shown
    assert "\x1b[2J" not in shown
