"""The command `rdp` against the running stack."""

import json
import os
import re

import pytest

from e2e.commands import interrupted_rdp, rdp
from e2e.tenant import REDACTED_TEXT, TEXT, Tenant
from rdp.stack import Envelope, Stack


def _lines(output: str) -> list[dict[str, object]]:
    return [json.loads(line) for line in output.splitlines()]


def test_send_for_programs_is_one_object(tenant: Tenant) -> None:
    finished = rdp(
        *("send", "--tenant", tenant.name, "--log-id", "log", "--text", TEXT, "--wait", "--json")
    )

    [answer] = _lines(finished.stdout)
    assert answer["status"] == 202
    assert isinstance(answer["record"], dict)
    assert answer["record"]["modified_data"] == REDACTED_TEXT


def test_bad_timeout_is_refused_before_anything_is_sent(tenant: Tenant) -> None:
    finished = rdp(*("send", "--tenant", tenant.name, "--text", TEXT, "--wait", "--timeout", "abc"))

    assert finished.returncode == 2
    assert "'abc'" in finished.stderr
    assert "HTTP" not in finished.stdout


# -- records -----------------------------------------------------------------------------------


def test_records_are_listed_oldest_first(tenant: Tenant) -> None:
    for log_id in ("b", "a", "c"):
        tenant.post_json(log_id=log_id)
    tenant.wait_for_records(3)

    everything = rdp("records", "list", tenant.name, "--json")
    newest = rdp("records", "list", tenant.name, "--limit", "2", "--json")

    assert [record["log_id"] for record in _lines(everything.stdout)] == ["b", "a", "c"]
    assert [record["log_id"] for record in _lines(newest.stdout)] == ["a", "c"]


def test_one_record_is_shown(tenant: Tenant) -> None:
    tenant.post_json(log_id="log")
    tenant.wait_for_record("log")

    finished = rdp("records", "get", tenant.name, "log")

    assert json.loads(finished.stdout)["modified_data"] == REDACTED_TEXT


def test_missing_record_is_an_error_that_names_it(tenant: Tenant) -> None:
    finished = rdp("records", "get", tenant.name, "nothing")

    assert finished.returncode == 1
    assert f"tenant '{tenant.name}' has no record 'nothing'" in finished.stderr


def test_tenants_are_counted(tenant: Tenant) -> None:
    tenant.post_json(log_id="log")
    tenant.wait_for_record("log")

    finished = rdp("records", "list")

    assert f"1\t{tenant.name}\n" in finished.stdout


def test_isolation_is_proven(tenant: Tenant) -> None:
    tenant.post_json(log_id="log")
    tenant.wait_for_record("log")

    finished = rdp("records", "list", tenant.name, "--isolation")

    assert finished.returncode == 0, finished.stderr
    assert finished.stdout.splitlines()[-1].startswith("isolated: ")


def test_isolation_of_a_tenant_without_records_proves_nothing(tenant: Tenant) -> None:
    finished = rdp("records", "list", tenant.name, "--isolation")

    assert finished.returncode == 1
    assert "proves nothing" in finished.stderr
    assert "isolated" not in finished.stdout


# -- DLQ ---------------------------------------------------------------------------------------


def test_dlq_is_listed_with_reasons(tenant: Tenant) -> None:
    [message_id] = tenant.enqueue_all(Envelope('{"tenant_id": 7}', tenant.name))
    tenant.wait_for_dead_letters(1)
    tenant.wait_for_worker_log(message_id, "failed")

    for_people, for_programs = rdp("dlq", "list"), rdp("dlq", "list", "--json")

    lines = for_people.stdout.splitlines()
    [place] = [number for number, line in enumerate(lines) if message_id in line]
    assert "InvalidInputError: " in lines[place + 1]
    [letter] = [one for one in _lines(for_programs.stdout) if one["message_id"] == message_id]
    assert str(letter["reason"]).startswith("InvalidInputError: ")


def test_purge_with_nobody_to_ask_changes_nothing_and_says_why(tenant: Tenant) -> None:
    tenant.enqueue_all(Envelope("{}", tenant.name))
    tenant.wait_for_dead_letters(1)

    finished = rdp("dlq", "purge")

    assert finished.returncode == 1
    assert "nobody to ask" in finished.stderr
    assert "--yes" in finished.stderr
    assert len(tenant.dead_letters()) == 1


# -- logs --------------------------------------------------------------------------------------


@pytest.mark.parametrize("by", ["log", "request"])
def test_one_log_is_followed_through_all_parts(tenant: Tenant, by: str) -> None:
    log_id = f"{tenant.name}-log"
    request_id = tenant.post_json(log_id=log_id).json()["request_id"]
    tenant.post_json(log_id=f"{tenant.name}-other")
    tenant.wait_for_records(2)
    tenant.wait_for_worker_log(log_id, "stored")

    wanted = log_id if by == "log" else request_id
    finished = rdp("logs", f"--{by}-id", wanted, "--json")

    lines = _lines(finished.stdout)
    assert {line["part"] for line in lines} == {"api", "worker", "access"}
    assert "other" not in finished.stdout
    assert [line["written_at"] for line in lines] == sorted(
        str(line["written_at"]) for line in lines
    )


def test_log_that_nobody_sent_is_an_error() -> None:
    finished = rdp("logs", "--log-id", "never-sent")

    assert finished.returncode == 1
    assert "never-sent" in finished.stderr
    assert "--since" in finished.stderr


# -- load --------------------------------------------------------------------------------------


def test_interrupted_load_accounts_for_what_was_accepted() -> None:
    finished = interrupted_rdp(
        *("load", "--rate", "600", "--duration", "300", "--text-length", "5", "--clean"),
        once=re.compile("[1-9][0-9]* accepted"),
    )

    assert finished.returncode == 0, finished.stderr
    assert "lost        0\nunexpected  0\n" in finished.stdout
    assert "KeyboardInterrupt" not in finished.stderr


# -- the stack ---------------------------------------------------------------------------------


def test_health_looks_at_every_part(stack: Stack) -> None:
    finished = rdp("health")

    parts = [line.split()[1] for line in finished.stdout.splitlines()]
    path = ["api", "queue", "queue", "dlq", "table", "function", "function", "mappings"]
    assert parts == path + ["disk"] * (stack.target == "local")


def test_status_shows_what_is_deployed(stack: Stack) -> None:
    finished = rdp("status", "--json")

    [status] = _lines(finished.stdout)
    assert status["api"] == stack.api.url
    assert status["mappings"] == "Enabled, Enabled"


@pytest.mark.alone
@pytest.mark.skipif(
    "MAY_RESET" not in os.environ, reason="it deletes all data of the stack: set MAY_RESET=1"
)
def test_reset_empties_queues_and_table(tenant: Tenant, stack: Stack) -> None:
    tenant.post_json(log_id="log")
    tenant.wait_for_record("log")
    tenant.enqueue_all(Envelope("{}", tenant.name))
    tenant.wait_for_dead_letters(1)

    finished = rdp("reset", "--yes")

    assert finished.returncode == 0, finished.stderr
    assert list(stack.records.keys()) == []
    assert stack.dead_letters.all() == []
    assert stack.functions.mappings.states() == ["Enabled", "Enabled"]


def test_reset_with_nobody_to_ask_changes_nothing(tenant: Tenant) -> None:
    tenant.post_json(log_id="log")
    tenant.wait_for_record("log")

    assert rdp("reset").returncode == 1
    assert len(tenant.records()) == 1
