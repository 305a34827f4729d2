"""What the plugin patches is what it was written for, and the patches work together.

`patched_targets.txt` has the signature of each patched attribute. When a new LocalStack changes
one, adapt its replacement, which `patches.py` names, and put the new signature into the file.
"""

import inspect
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from localstack.services.sqs.models import MessageMoveTask, StandardQueue, sqs_stores
from localstack.services.sqs.provider import MessageMoveTaskManager

from localstack_serverless import patches
from localstack_serverless.faults.injection import FAULTS
from localstack_serverless.faults.rules import parse_rules
from localstack_serverless.http_api.data_plane import DataPlane
from localstack_serverless.http_api.server import HttpApiServer
from localstack_serverless.patching import Patch
from localstack_serverless.persistence import messages
from localstack_serverless.persistence.messages import MessageJournal
from localstack_serverless.persistence.saver import Saver

PINNED = Path(__file__).with_name("patched_targets.txt")


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[MessageJournal]:
    journal = MessageJournal(tmp_path / "messages.journal", {})
    yield journal
    journal.close()


@pytest.fixture
def every_patch(tmp_path: Path, journal: MessageJournal) -> list[Patch]:
    """All patches, in the order in which LocalStack gets them."""
    saver = Saver(tmp_path, lambda: None, lambda: None)
    return [
        *patches.start_patches(HttpApiServer(DataPlane())),
        *patches.object_patches(tmp_path),
        *patches.state_patches(journal, saver),
    ]


@pytest.fixture
def _patched(every_patch: list[Patch]) -> Iterator[None]:
    applied = [patch.apply() for patch in every_patch]
    yield
    for patch in reversed(applied):
        patch.undo()


@pytest.fixture
def _out_of_order() -> Iterator[None]:
    FAULTS.replace(parse_rules([{"delivery": {"kind": "outOfOrder", "delaySeconds": 900}}]))
    yield
    FAULTS.replace([])


def queue(name: str) -> StandardQueue:
    return StandardQueue(name, "us-east-1", "000000000000")


def describe(path: str, target: Any) -> str:
    """The signature, after the path of its definition if that is elsewhere."""
    if not callable(target):
        return type(target).__name__
    defined = f"{target.__module__}.{target.__qualname__}"
    signature = str(inspect.signature(target))
    return signature if defined == path else f"{defined}{signature}"


def targets(every_patch: list[Patch]) -> dict[str, str]:
    found = {}
    for patch in every_patch:
        is_class = isinstance(patch.owner, type)
        module = patch.owner.__module__ if is_class else patch.owner.__name__
        path = f"{module}.{patch.owner.__qualname__ + '.' if is_class else ''}{patch.name}"
        found[path] = describe(path, getattr(patch.owner, patch.name, None))
    return found


def test_patched_targets_have_the_pinned_signatures(every_patch: list[Patch]) -> None:
    lines = PINNED.read_text(encoding="utf-8").splitlines()
    pinned = dict(line.split(": ", 1) for line in lines)
    found = targets(every_patch)
    changed = {
        name: f"{name}: {found.get(name)} (pinned: {pinned.get(name)})"
        for name in pinned.keys() | found.keys()
        if pinned.get(name) != found.get(name)
    }
    assert not changed, "\n".join(["patched targets changed:", *changed.values()])


def test_every_patch_has_its_reason(every_patch: list[Patch]) -> None:
    assert all(patch.why for patch in every_patch)


def kept(folder: Path) -> dict[str, list[str]]:
    """The ids of the messages in the journal, by queue."""
    queues = messages.read(folder / "messages.journal")
    return {arn: [*by_id] for arn, by_id in queues.items() if by_id}


@pytest.mark.usefixtures("_patched")
def test_message_that_moves_to_the_dead_letter_queue_is_in_one_queue(tmp_path: Path) -> None:
    source, dead = queue("source"), queue("dead")
    message = source.put({"MessageId": "id", "Body": "body"}).message
    assert kept(tmp_path) == {source.arn: ["id"]}
    message["Attributes"]["DeadLetterQueueSourceArn"] = source.arn
    dead.put(message)
    assert kept(tmp_path) == {dead.arn: ["id"]}


@pytest.mark.usefixtures("_patched")
def test_redriven_message_is_new(tmp_path: Path) -> None:
    source, dead = queue("source"), queue("dead")
    sqs_stores["000000000000"]["us-east-1"].queues.update(source=source, dead=dead)
    attributes = {"ApproximateReceiveCount": "5", "DeadLetterQueueSourceArn": source.arn}
    dead.put({"MessageId": "id", "Body": "body", "Attributes": attributes})
    task = MessageMoveTask(dead.arn, None)
    task.approximate_number_of_messages_moved = 0
    MessageMoveTaskManager()._run(task)
    sqs_stores.reset()
    [received] = source.receive().successful
    assert task.status == "COMPLETED"
    assert received.message["Attributes"]["ApproximateReceiveCount"] == "1"
    assert received.message_id != "id"
    assert kept(tmp_path) == {source.arn: [received.message_id]}


@pytest.mark.usefixtures("_patched", "_out_of_order")
def test_messages_with_faults_are_journaled(tmp_path: Path) -> None:
    source = queue("source")
    source.put({"MessageId": "id", "Body": "body"})
    assert len(source.delayed) == 1
    assert kept(tmp_path) == {source.arn: ["id"]}
