"""Which processes belong to a folder's LocalStack: exact matches, whatever the path looks like."""

import os
import subprocess
from pathlib import Path

import pytest

from localstack_serverless.command import processes
from localstack_serverless.command.instance import Instance

from . import stand_in

STARTS_ANOTHER = """
import subprocess, sys, time
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"], process_group=0)
print(child.pid, flush=True)
time.sleep(60)
"""


@pytest.fixture
def instance(tmp_path: Path) -> Instance:
    return Instance(tmp_path)


def test_localstack_of_the_folder_is_ours(instance: Instance) -> None:
    with stand_in.localstack(instance) as process:
        assert instance.pid() == process.pid
    assert instance.pid() is None


def test_localstack_of_another_folder_is_not(instance: Instance, tmp_path: Path) -> None:
    other = Instance(tmp_path / "other")
    with stand_in.localstack(other) as process:
        instance.pid_file.write_text(str(process.pid))
        assert instance.pid() is None


@pytest.mark.parametrize("content", ["1", "", "x", "-1", "99999999", "9" * 30])
def test_process_id_that_is_used_again_is_not_ours(instance: Instance, content: str) -> None:
    instance.pid_file.write_text(content)
    assert instance.pid() is None


def test_process_of_the_same_user_is_not_ours(instance: Instance) -> None:
    instance.pid_file.write_text(str(os.getpid()))
    assert instance.pid() is None


def test_only_the_program_of_exactly_this_file_ends(tmp_path: Path) -> None:
    """As a regular expression, the one path matches the other."""
    with (
        stand_in.jar(tmp_path / "a.clone" / "DynamoDBLocal.jar") as ours,
        stand_in.jar(tmp_path / "a-clone" / "DynamoDBLocal.jar") as theirs,
    ):
        processes.end_jar(tmp_path / "a.clone" / "DynamoDBLocal.jar")
        assert ours.wait(10)
        assert theirs.poll() is None


def test_kill_ends_the_whole_session(instance: Instance, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(processes, "SESSION_SECONDS", 0.2)
    with stand_in.localstack(instance, STARTS_ANOTHER) as process:
        assert len(processes.session(process.pid)) == 2
        instance.kill(process.pid)
        assert processes.session(process.pid) == []
        assert process.wait(10)


def test_kill_of_what_has_ended_does_nothing(instance: Instance) -> None:
    process = subprocess.Popen(["true"], start_new_session=True)  # noqa: S607 - of the system
    process.wait()
    instance.kill(process.pid)
    assert not instance.pid_file.exists()
