"""The scripts that are short names for commands of `rdp`."""

import json

import pytest

from e2e.commands import script
from e2e.tenant import REDACTED_TEXT, TEXT, Tenant

SCRIPTS = [
    *("healthcheck", "send_json", "send_text", "inspect_db"),
    *("load_test", "tail_logs", "dlq", "chaos"),
]


@pytest.mark.parametrize("name", SCRIPTS)
def test_help(name: str) -> None:
    finished = script(name, "--help")

    assert finished.returncode == 0, finished.stderr
    assert f"scripts/{name}.sh" in finished.stdout
    assert "Usage: rdp " in finished.stdout


@pytest.mark.parametrize("name", SCRIPTS)
def test_unknown_option_is_refused_by_name(name: str) -> None:
    finished = script(name, "--colour")

    assert finished.returncode == 2
    assert "--colour" in finished.stderr


@pytest.mark.parametrize(("name", "source"), [("json", "json_upload"), ("text", "text_upload")])
def test_sent_log_is_shown_once_it_is_stored(tenant: Tenant, name: str, source: str) -> None:
    # a log id may start like an option
    finished = script(
        f"send_{name}", "--tenant", tenant.name, "--log-id", "-log", "--text", TEXT, "--wait"
    )

    assert finished.returncode == 0, finished.stderr
    accepted, stored = finished.stdout.removeprefix("HTTP 202\n").split("Stored:\n")
    assert json.loads(accepted)["log_id"] == "-log"
    assert json.loads(stored)["modified_data"] == REDACTED_TEXT
    assert json.loads(stored)["source"] == source


@pytest.mark.parametrize("name", ["json", "text"])
def test_text_is_read_from_standard_input(tenant: Tenant, name: str) -> None:
    text = "über 555-0199\nand more"

    finished = script(f"send_{name}", "--tenant", tenant.name, "--log-id", "log", stdin=text)

    assert finished.returncode == 0, finished.stderr
    assert tenant.wait_for_record("log").original_text == text


@pytest.mark.parametrize("name", ["json", "text"])
def test_empty_log_id_is_refused_in_both_forms(tenant: Tenant, name: str) -> None:
    finished = script(f"send_{name}", "--tenant", tenant.name, "--log-id", "", "--text", TEXT)

    assert finished.returncode == 1
    assert finished.stdout.startswith("HTTP 400\n")
    assert "log_id is ''" in finished.stdout


def test_small_load_is_accounted_for() -> None:
    finished = script(
        *("load_test", "--rate", "300", "--duration", "2", "--text-length", "5", "--clean")
    )

    assert finished.returncode == 0, finished.stderr
    assert "lost        0\nunexpected  0\n" in finished.stdout
