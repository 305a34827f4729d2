"""rdp records: lists, single records, and the proof of isolation."""

import json

import pytest

from tests.rdp.cloud import Cloud
from tests.rdp.fixtures import Rdp


def _lines(output: str) -> list[dict[str, object]]:
    return [json.loads(line) for line in output.splitlines()]


@pytest.fixture
def filled(cloud: Cloud) -> Cloud:
    for number, log_id in enumerate(("b", "a", "c")):
        cloud.dynamodb.put("acme", log_id, received_at=f"2026-11-28T00:00:0{number}.000000Z")
    cloud.dynamodb.put("other", "a")
    return cloud


@pytest.mark.usefixtures("filled")
@pytest.mark.parametrize(
    ("options", "log_ids"), [([], ["b", "a", "c"]), (["--limit", "2"], ["a", "c"])]
)
def test_records_come_oldest_first(rdp: Rdp, options: list[str], log_ids: list[str]) -> None:
    result = rdp("records", "list", "acme", "--json", *options)

    assert [record["log_id"] for record in _lines(result.stdout)] == log_ids


@pytest.mark.usefixtures("filled")
def test_tenants_are_counted(rdp: Rdp) -> None:
    assert rdp("records", "list").stdout == "records\ttenant\n3\tacme\n1\tother\n"
    assert _lines(rdp("records", "list", "--json").stdout) == [
        {"tenant_id": "acme", "records": 3},
        {"tenant_id": "other", "records": 1},
    ]


@pytest.mark.usefixtures("filled")
def test_isolated_tenant(rdp: Rdp) -> None:
    result = rdp("records", "list", "acme", "--isolation")

    assert result.exit_code == 0
    assert result.stdout.splitlines() == [
        "table: 4 records of 2 tenants, 3 of them of acme",
        "query: 3 records, 3 of them of acme",
        "isolated: the query returned all records of acme and no one else's",
    ]


def test_foreign_record_breaks_isolation(rdp: Rdp, filled: Cloud) -> None:
    filled.dynamodb.misfiled = [filled.dynamodb.items["other", "a"]]

    for_people = rdp("records", "list", "acme", "--isolation")
    for_programs = rdp("records", "list", "acme", "--isolation", "--json")

    assert (for_people.exit_code, for_programs.exit_code) == (1, 1)
    assert "NOT ISOLATED: the query returned 1 records of others" in for_people.stdout
    assert _lines(for_programs.stdout) == [
        {"tenant_id": "acme", "isolated": False, "foreign": 1, "missing": 0}
    ]


@pytest.mark.parametrize("stored_since", [0, 1])
def test_record_that_a_query_leaves_out_breaks_isolation(
    rdp: Rdp, filled: Cloud, monkeypatch: pytest.MonkeyPatch, stored_since: int
) -> None:
    """Also if another one was stored between scan and query, so that the counts are the same."""
    query = filled.dynamodb.query

    def forgetful(payload: dict[str, object]) -> dict[str, object]:
        filled.dynamodb.items.pop(("acme", "a"), None)
        for number in range(stored_since):
            filled.dynamodb.put("acme", f"new-{number}")
        return query(payload)

    monkeypatch.setattr(filled.dynamodb, "query", forgetful)

    result = rdp("records", "list", "acme", "--isolation", "--json")

    assert result.exit_code == 1
    [verdict] = _lines(result.stdout)
    assert (verdict["isolated"], verdict["missing"]) == (False, 1)


def test_record_stored_between_scan_and_query_proves_nothing_wrong(
    rdp: Rdp, filled: Cloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    query = filled.dynamodb.query

    def late(payload: dict[str, object]) -> dict[str, object]:
        filled.dynamodb.put("acme", "new")
        return query(payload)

    monkeypatch.setattr(filled.dynamodb, "query", late)

    assert rdp("records", "list", "acme", "--isolation").exit_code == 0


@pytest.mark.usefixtures("filled")
def test_isolation_of_a_tenant_without_records_proves_nothing(rdp: Rdp) -> None:
    result = rdp("records", "list", "nobody", "--isolation")

    assert result.exit_code == 1
    assert "'nobody' has no records, so a query for it proves nothing" in result.stderr
    assert result.stdout == ""


@pytest.mark.parametrize(
    ("log_id", "command"),
    [
        ("log", "`rdp logs --log-id log`"),
        ("it's two words", """`rdp logs --log-id 'it'"'"'s two words'`"""),
        ("-log", "`rdp logs --log-id -log`"),
    ],
)
def test_missing_record_is_an_error_with_a_command_to_paste(
    rdp: Rdp, log_id: str, command: str
) -> None:
    result = rdp("records", "get", "--", "acme", log_id)

    assert result.exit_code == 1
    assert command in result.stderr


def test_one_record_for_people_and_for_programs(rdp: Rdp, filled: Cloud) -> None:
    filled.dynamodb.put("acme", "log", original_text="two\nlines \x1b[2J\U0001f680")

    for_people, for_programs = (
        rdp("records", "get", "acme", "log", *options) for options in ([], ["--json"])
    )

    assert json.loads(for_people.stdout) == json.loads(for_programs.stdout)
    assert len(for_programs.stdout.splitlines()) == 1
    assert "\x1b" not in for_people.stdout + for_programs.stdout


def test_item_of_another_program_is_an_error_of_one_line(rdp: Rdp, filled: Cloud) -> None:
    filled.dynamodb.items["acme", "a"] = {"tenant_id": {"S": "acme"}, "log_id": {"S": "a"}}

    result = rdp("records", "list", "acme")

    assert result.exit_code == 1
    assert len(result.stderr.splitlines()) == 1
    assert "['acme', 'a']" in result.stderr
