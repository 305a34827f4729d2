"""A state folder that cannot be written is reported, and recovers."""

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from botocore.exceptions import ClientError

from testing.target import wait_until

from .own_localstack import OwnLocalStack, own_localstack

STATE = Path("var", "lib", "localstack", "state")
SIZE_KB = 300


@pytest.fixture
def localstack(tmp_path: Path) -> Iterator[OwnLocalStack]:
    """Its state folder is a small file system."""
    if os.geteuid() != 0:
        pytest.skip("only root can mount a small file system")
    state = tmp_path / STATE
    state.mkdir(parents=True)
    mounted = subprocess.run(  # noqa: S603 - of the system
        ["mount", "-t", "tmpfs", "-o", f"size={SIZE_KB}k", "tmpfs", state],  # noqa: S607
        capture_output=True,
        check=False,
        text=True,
    )
    if mounted.returncode:
        pytest.skip(f"no file system can be mounted: {mounted.stderr}")
    try:
        with own_localstack(tmp_path, SERVICES="sqs") as started:
            yield started
    finally:
        subprocess.run(["umount", state], check=True)  # noqa: S603, S607 - of the system


def problem(localstack: OwnLocalStack) -> str | None:
    answer: str | None = localstack.get("/_localstack/state")["problem"]
    return answer


def test_full_disk_is_reported_until_there_is_room(localstack: OwnLocalStack) -> None:
    queue = localstack.queue_of()
    queue.send("kept")
    assert problem(localstack) is None

    filler = localstack.folder / STATE / "filler"
    with pytest.raises(OSError, match="No space left"):
        filler.write_bytes(b"x" * SIZE_KB * 1024)
    message = f"No space left on device: {localstack.folder / STATE}"
    reported = problem(localstack)
    assert reported
    assert reported.startswith(message)
    with pytest.raises(ClientError):
        queue.send("x" * 8192)

    filler.unlink()
    queue.send("kept too")
    wait_until(lambda: problem(localstack) is None)


def test_snapshot_that_has_no_room_is_reported(localstack: OwnLocalStack) -> None:
    """A small file still has room, so that only the last save knows."""
    filler = localstack.folder / STATE / "filler"
    filler.write_bytes(b"x" * (SIZE_KB - 100) * 1024)
    for number in range(30):
        localstack.aws.sqs.create_queue(
            QueueName=f"queue-{number}", tags={f"tag-{tag}": "x" * 200 for tag in range(40)}
        )
    wait_until(lambda: bool(problem(localstack)))
    assert "No space left on device" in (problem(localstack) or "")
    filler.unlink()
    wait_until(lambda: problem(localstack) is None)
