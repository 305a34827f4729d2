"""The measured sizes are those that the functions produce."""

import io
from collections.abc import Iterator

import pytest
from aws_lambda_powertools import Logger

from pipeline.contract import Message, Source
from pipeline.telemetry import Telemetry
from rdp.capacity import measured
from rdp.capacity.settings import Settings
from tests.lambdas.api.client import ApiClient
from tests.lambdas.aws import InMemoryQueue, InMemoryTable
from tests.lambdas.worker.runner import BatchRunner
from worker.delivery import Delivery

MESSAGE = Message(
    tenant_id="acme-001",
    log_id="d3d21b74-1ee7-4e24-ac72-80a04dd3fab2",
    source=Source.JSON_UPLOAD,
    text="x",
    received_at="2026-11-28T15:17:05.976589Z",
    request_id="OfTLuwfCf6ab9ys=",
)
MESSAGE_ID = "4919af63-70c8-4e87-a3e7-4001daa83945"
TRACE = "Root=1-6b0b0de3-2ab62aca9ecf98c31eeb82dc"
# The worker's, as the table keeps it: the log stream's name.
WORKER_ID = "2026/11/28/[$LATEST]4ab0cef856b4255a5e6008d629907a7c"


_LINES = Settings().lines_a_record


class Lines:
    """Configured as in the functions, with names of the same length."""

    def __init__(self, service: str, capture: pytest.CaptureFixture[str]) -> None:
        self._stream = io.StringIO()
        self._capture = capture
        logger = Logger(service=service, stream=self._stream, utc=True, use_rfc3339=True)
        self.telemetry = Telemetry(logger, Telemetry.from_environment().metrics)

    def sizes(self) -> list[int]:
        """Bytes of each line: the log's, then those that have only metrics."""
        metrics = self._capture.readouterr().out
        return [len(line) for line in (self._stream.getvalue() + metrics).splitlines()]


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("_X_AMZN_TRACE_ID", TRACE)
    monkeypatch.setenv("PROJECT", "robust-data-processor")
    monkeypatch.setenv("POWERTOOLS_METRICS_NAMESPACE", "RobustDataProcessor")
    monkeypatch.setenv("POWERTOOLS_SERVICE_NAME", "worker")
    yield
    # Powertools shares them between all instances.
    Telemetry.from_environment().metrics.clear_default_dimensions()


def test_lines_of_the_worker_about_a_record(
    queue: InMemoryQueue, table: InMemoryTable, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = Lines("size-w", capsys)
    delivery = Delivery(
        message_id=MESSAGE_ID,
        receipt_handle="handle",
        attempt=1,
        body=MESSAGE.to_body(),
        attributes={},
    )
    BatchRunner(queue, table, lines.telemetry)(delivery)

    assert lines.sizes() == pytest.approx(measured.WORKER_LINES[_LINES], rel=0.05)


def test_lines_of_the_api_about_a_log(
    queue: InMemoryQueue, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = Lines("api", capsys)
    api = ApiClient.create(queue, lines.telemetry)
    answer = api.post_json(tenant_id=MESSAGE.tenant_id, text="x" * 31)

    assert answer.status == 202
    line, *metrics = lines.sizes()
    # SQS's ids are longer than those in memory.
    line += len(MESSAGE_ID) - len("message-1")
    assert [line, *metrics] == pytest.approx(measured.API_LINES[_LINES], rel=0.05)


def test_message_without_its_text() -> None:
    assert len(MESSAGE.to_body()) - len(MESSAGE.text) == measured.MESSAGE_BYTES


def test_record_without_its_texts(
    queue: InMemoryQueue, table: InMemoryTable, capsys: pytest.CaptureFixture[str]
) -> None:
    """DynamoDB counts names and values; a number of one digit takes 2 bytes."""
    delivery = Delivery(
        message_id="id", receipt_handle="handle", attempt=1, body=MESSAGE.to_body(), attributes={}
    )
    BatchRunner(queue, table, Lines("size-r", capsys).telemetry)(delivery)
    [item] = table.items

    values = {name: next(iter(typed.values())) for name, typed in item.items()}
    values |= {"original_text": "", "modified_data": "", "worker_id": WORKER_ID, "attempt": "12"}
    assert sum(map(len, [*values, *values.values()])) == measured.RECORD_BYTES
