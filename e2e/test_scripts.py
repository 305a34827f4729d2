"""The scripts that a person runs."""

import json
import subprocess

import pytest

from e2e.deployment import ROOT
from e2e.tenant import REDACTED_TEXT, TEXT, Tenant
from e2e.wire import Envelope

SCRIPTS = [
    *("healthcheck", "send_json", "send_text", "inspect_db"),
    *("load_test", "tail_logs", "dlq"),
]


def run(script: str, *arguments: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(  # noqa: S603 - a script of ours
        [ROOT / "scripts" / f"{script}.sh", *arguments],
        capture_output=True,
        text=True,
        check=False,
        timeout=180,
    )


@pytest.mark.parametrize("script", SCRIPTS)
def test_help(script: str) -> None:
    finished = run(script, "--help")

    assert finished.returncode == 0, finished.stderr
    assert f"scripts/{script}.sh" in finished.stdout


@pytest.mark.parametrize("script", SCRIPTS)
def test_unknown_argument_is_refused_by_name(script: str) -> None:
    finished = run(script, "--colour")

    assert finished.returncode != 0
    assert "--colour" in finished.stderr


def test_healthcheck_looks_at_every_part() -> None:
    finished = run("healthcheck")

    parts = [line.split()[1] for line in finished.stdout.splitlines()]
    assert parts == ["api", "queue", "dlq", "table", "function", "function", "mapping"]


@pytest.mark.parametrize(("script", "source"), [("json", "json_upload"), ("text", "text_upload")])
def test_sent_log_is_shown_once_it_is_stored(tenant: Tenant, script: str, source: str) -> None:
    # a request id may begin like an option, too
    finished = run(
        f"send_{script}", "--tenant", tenant.name, "--log-id", "-log", "--text", TEXT, "--wait"
    )

    assert finished.returncode == 0, finished.stderr
    accepted, stored = finished.stdout.removeprefix("HTTP 202\n").split("Stored:\n")
    assert json.loads(accepted)["log_id"] == "-log"
    assert json.loads(stored)["modified_data"] == REDACTED_TEXT
    assert json.loads(stored)["source"] == source


def test_isolation_is_proven(tenant: Tenant) -> None:
    tenant.post_json(log_id="log")
    tenant.wait_for_record("log")

    finished = run("inspect_db", tenant.name, "--isolation")

    assert finished.returncode == 0, finished.stderr
    assert finished.stdout.splitlines()[-1].startswith("isolated: ")


def test_dlq_is_listed_with_reasons(tenant: Tenant) -> None:
    [message_id] = tenant.enqueue_all(Envelope('{"tenant_id": 7}', tenant.name))
    tenant.wait_for_dead_letters(1)
    tenant.wait_for_worker_log(message_id, "failed")

    finished = run("dlq", "list")

    assert finished.returncode == 0, finished.stderr
    lines = finished.stdout.splitlines()
    [place] = [number for number, line in enumerate(lines) if message_id in line]
    assert "InvalidInputError: " in lines[place + 1]


def test_small_load_is_accounted_for() -> None:
    finished = run("load_test", "--rate", "300", "--duration", "2", "--text-length", "5", "--clean")

    assert finished.returncode == 0, finished.stderr
    assert "lost        0\nunexpected  0\n" in finished.stdout
