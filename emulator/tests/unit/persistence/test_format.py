"""State of the same format number has the same shape.

`format-2.json` is what kept state looks like: what of queues and log streams is pickled, by which
class, and what the records of the journals are. Where it changes, what was kept before cannot be
read: give `FORMAT` in persistence/files.py a new number, and write `shape()` to a file of that
number.
"""

import io
import json
import pickle
from pathlib import Path
from typing import Any, override

import pytest
from localstack.services.sqs.models import (
    FifoQueue,
    SqsMessage,
    SqsQueue,
    StandardQueue,
    sqs_stores,
)
from moto.logs.models import LogEvent, LogStream, logs_backends

from localstack_serverless.persistence import files, log_events, messages, pickling, snapshot

ACCOUNT, REGION = "000000000000", "us-east-1"


class Unpickled:
    """Stands in for a queue: keeps what its pickle has."""

    name: str
    arguments: tuple[Any, ...]
    attributes: dict[str, Any]

    def __init__(self, *arguments: Any) -> None:
        self.arguments = arguments

    def __setstate__(self, attributes: dict[str, Any]) -> None:
        self.attributes = attributes


class QueueReader(pickle.Unpickler):
    @override
    def find_class(self, module_name: str, global_name: str) -> Any:
        found = super().find_class(module_name, global_name)
        if isinstance(found, type) and issubclass(found, SqsQueue):
            return type(found.__name__, (Unpickled,), {"name": f"{module_name}.{global_name}"})
        return found


def shape() -> dict[str, Any]:
    return {
        "queues": [
            queue_shape(queue_class(name, REGION, ACCOUNT))
            for queue_class, name in ((StandardQueue, "queue"), (FifoQueue, "queue.fifo"))
        ],
        "record": record_shape(),
        "log_stream": sorted(vars(pickle.loads(pickling.dumps(log_stream())))),
        "log_events": log_events_shape(),
        "container": container_name(),
    }


def queue_shape(queue: SqsQueue) -> dict[str, Any]:
    read = QueueReader(io.BytesIO(pickling.dumps(queue))).load()
    return {
        "class": read.name,
        "arguments": list(read.arguments),
        "attributes": sorted(read.attributes),
    }


def record_shape() -> list[Any]:
    message = SqsMessage(1.0, {"MessageId": "id", "Body": "body"})
    record = messages._record("arn", message, with_content=True)
    queue_arn, message_id, content, attributes, state = pickle.loads(record)
    return [queue_arn, message_id, sorted(content), sorted(attributes), sorted(state)]


def log_stream() -> LogStream:
    backend = logs_backends[ACCOUNT][REGION]
    backend.create_log_group("group", {})
    backend.create_log_stream("group", "stream")
    stream: LogStream = backend.groups["group"].streams["stream"]
    backend.delete_log_group("group")
    return stream


def log_events_shape() -> list[Any]:
    stream_id = log_events.StreamId(ACCOUNT, REGION, "group", "stream", 1)
    stream, events = pickle.loads(
        log_events._record(stream_id, [LogEvent(2, {"timestamp": 3, "message": "m"})])
    )
    return [list(stream), [list(event) for event in events]]


def container_name() -> list[str]:
    collector = snapshot._Collector()
    collector.visit(sqs_stores)
    return [*collector.containers]


def test_shape_is_that_of_the_format() -> None:
    path = Path(__file__).with_name(f"format-{files.FORMAT}.json")
    if not path.exists():
        pytest.fail(f"format {files.FORMAT} is new: write shape() to {path.name}")
    assert shape() == json.loads(path.read_text()), "the shape of kept state needs a new FORMAT"


def test_version_of_the_package_does_not_matter() -> None:
    """State of format 1 that 0.1.0 wrote has it in its header."""
    line = files.header(**{"localstack-serverless": "0.1.0"})
    assert files.check_header(Path("sqs.snapshot"), line)["localstack-serverless"] == "0.1.0"


def test_earlier_formats_that_can_still_be_read_are_not_refused() -> None:
    for number in files.READABLE_FORMATS:
        line = files.header(format=number)
        assert files.check_header(Path("sqs.snapshot"), line)["format"] == number
    with pytest.raises(files.StateRefusedError, match="is from format 0, this is 2"):
        files.check_header(Path("sqs.snapshot"), files.header(format=0))
