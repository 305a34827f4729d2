"""rdp load: the balance of a run, and its exit status."""

import json
import sys
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest

from rdp import ledger
from rdp.cli.load import _report_balance
from rdp.ledger import Balance, Ledger
from rdp.stack import LogKey, Part, Record
from rdp.stack.messages import timestamp
from tests.rdp.chaos.builders import at, log, record
from tests.rdp.cloud import Cloud
from tests.rdp.fixtures import Rdp

RECORDS = [
    record(log(number), received_at=at(0), processed_at=at(number), attempt=1 + (number > 8))
    for number in range(1, 11)
]


def _balance(
    records: list[Record], lost: set[LogKey] | None = None, unexpected: set[LogKey] | None = None
) -> Balance:
    return Balance({r.key: r for r in records}, set(), lost or set(), unexpected or set())


def _printed(capsys: pytest.CaptureFixture[str], balance: Balance, ended: float) -> list[str]:
    _report_balance(balance, ended)
    return capsys.readouterr().out.splitlines()


def test_balance_shows_when_the_records_were_stored(capsys: pytest.CaptureFixture[str]) -> None:
    assert _printed(capsys, _balance(RECORDS), ended=4.0) == [
        (
            "records     10, the last 6.0 s after the last answer; from receipt to record"
            " p50 5.0 s, p99 10.0 s"
        ),
        "attempts    2 records took more than one",
        "in the DLQ  0 (reasons: rdp dlq list)",
        "lost        0",
        "unexpected  0",
    ]


def test_record_stored_before_the_last_answer_is_not_late(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert "the last 0.0 s after" in _printed(capsys, _balance(RECORDS), ended=60.0)[0]


def test_first_lost_and_unexpected_logs_are_named(capsys: pytest.CaptureFixture[str]) -> None:
    lost = {("acme", f"log-{number}") for number in range(7)}

    lines = _printed(capsys, _balance([], lost, {("acme", "copy")}), ended=0.0)

    assert lines[0] == "records     0"
    assert lines[3] == (
        "lost        7: acme/log-0, acme/log-1, acme/log-2, acme/log-3, acme/log-4, ..."
    )
    assert lines[4] == "unexpected  1: acme/copy"


# -- the command, with a load that needs no network -------------------------------------------


class LoadThatSends:
    """Replaces rdp.load.run, which would replace Python's sockets for the whole process."""

    def __init__(self, accepted: int) -> None:
        self._accepted = accepted

    def new_tenants(self, count: int) -> list[str]:
        return [f"load-{number}" for number in range(count)]

    def SteadyLoad(self, _url: str, tenants: list[str], *_: object) -> "LoadThatSends":  # noqa: N802
        self._tenants = tenants
        return self

    def run(self, _progress: object) -> tuple[object, Ledger]:
        sent = Ledger()
        for number in range(self._accepted):
            sent.accept(self._tenants[0], f"log-{number}", "request")
        return ANSWERS, sent


ANSWERS = SimpleNamespace(
    requests=3,
    a_second=1.0,
    accepted=2,
    refused=1,
    unanswered=0,
    p50=10.0,
    p99=20.0,
    slowest=30.0,
    statuses=Counter({202: 2, 500: 1}),
)


@pytest.fixture(autouse=True)
def no_patience(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ledger, "_EMPTY_QUEUE_PATIENCE_SECONDS", 0)
    monkeypatch.setattr(ledger, "_LOOK_EVERY_SECONDS", 0)


def _accepts(monkeypatch: pytest.MonkeyPatch, count: int) -> None:
    monkeypatch.setitem(sys.modules, "rdp.load.run", LoadThatSends(count))


@pytest.mark.parametrize(("stored", "status"), [(2, 0), (1, 1)])
def test_status_is_whether_a_log_was_lost(
    rdp: Rdp, cloud: Cloud, monkeypatch: pytest.MonkeyPatch, stored: int, status: int
) -> None:
    _accepts(monkeypatch, 2)
    for number in range(stored):
        cloud.dynamodb.put("load-0", f"log-{number}")

    result = rdp("load", "--tenants", "2", "--clean")

    assert result.exit_code == status
    assert f"lost        {2 - stored}" in result.stdout
    assert "            1 x HTTP 500" in result.stdout
    assert cloud.dynamodb.items == {}


def test_programs_get_one_object(rdp: Rdp, cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> None:
    _accepts(monkeypatch, 2)
    cloud.dynamodb.put("load-0", "log-0")

    [line] = rdp("load", "--json").stdout.splitlines()

    assert json.loads(line)["lost"] == [["load-0", "log-1"]]


def test_load_of_which_nothing_was_accepted_proves_nothing(
    rdp: Rdp, monkeypatch: pytest.MonkeyPatch
) -> None:
    _accepts(monkeypatch, 0)

    result = rdp("load")

    assert result.exit_code == 1
    assert "no log was accepted, so nothing is proven" in result.stderr


@pytest.mark.parametrize(("rate", "complains"), [("180", False), ("1000", True)])
def test_load_that_sent_less_than_it_was_asked_for_says_so(
    rdp: Rdp, monkeypatch: pytest.MonkeyPatch, rate: str, complains: bool
) -> None:
    _accepts(monkeypatch, 2)

    result = rdp("load", "--rate", rate, "--duration", "1")

    assert ("Only 3 of 17 logs were sent" in result.stderr) == complains


def test_run_is_written_down_for_the_capacity_model(
    rdp: Rdp, cloud: Cloud, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Two logs, received 10 s apart; the second was tried twice."""
    _accepts(monkeypatch, 2)
    cloud.functions.configuration["Environment"]["Variables"] = {
        "PROCESSING_SECONDS_PER_CHAR": "0.05"
    }
    now = datetime.now(UTC)
    for number, (received, stored, attempt) in enumerate([(0, 4, "1"), (10, 18, "2")]):
        cloud.dynamodb.put(
            "load-0",
            f"log-{number}",
            received_at=timestamp(now + timedelta(seconds=received)),
            processed_at=timestamp(now + timedelta(seconds=stored)),
        )
        cloud.dynamodb.items["load-0", f"log-{number}"]["attempt"] = {"N": attempt}
        cloud.logs.write(Part.WORKER, f"START RequestId: {number}", at=now.timestamp() + 1)
        line = json.dumps({"level": "INFO", "message": "stored"}, separators=(",", ":"))
        cloud.logs.write(Part.WORKER, line, at=now.timestamp() + 1)
    cloud.logs.write(Part.WORKER, "START RequestId: before", at=now.timestamp() - 60)
    file = tmp_path / "new folder" / "run.json"

    result = rdp("load", "--text-length", "50", "--output", str(file))

    assert result.exit_code == 0
    written = json.loads(file.read_text())
    assert written == {
        "target": "local",
        "batch_size": 50,
        "window": 5,
        "most_concurrent": 100,
        "worker_memory_mb": 256,
        "processing_seconds_per_char": 0.05,
        "characters": 50,
        "logs": 2,
        "receiving": 10.0,
        "storing": 14.0,
        "mean_latency": pytest.approx(6.0),
        "invocations": 2,
        "deliveries": 3,
    }


def test_run_without_records_is_not_written_down(
    rdp: Rdp, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    _accepts(monkeypatch, 0)

    result = rdp("load", "--output", str(tmp_path / "run.json"))

    assert result.exit_code == 1
    assert "no record was stored, so there is nothing to write down" in result.stderr
    assert not (tmp_path / "run.json").exists()
