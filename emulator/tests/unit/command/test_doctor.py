"""What the machine lacks comes with the command that mends it."""

import os
from pathlib import Path

import pytest

from localstack_serverless.command import doctor, dynamodb
from localstack_serverless.command.doctor import MISSING, NOTE, OK

OLD_JAVA = """#!/bin/sh
echo '    java.home = /usr/lib/jvm/8' >&2
echo '    java.specification.version = 1.8' >&2
"""


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The only folder that programs are found in."""
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", str(folder))
    return folder


def program(path: Path, content: str) -> None:
    path.write_text(content)
    path.chmod(0o755)


def test_other_systems_are_refused() -> None:
    assert doctor.check_system("linux").level == OK
    assert doctor.check_system("darwin").level == MISSING


@pytest.mark.usefixtures("path")
def test_missing_java() -> None:
    finding = doctor.check_java()
    assert finding.level == MISSING
    assert "`apt-get install openjdk-17-jre-headless`" in finding.text


def test_old_java(path: Path) -> None:
    program(path / "java", OLD_JAVA)
    finding = doctor.check_java()
    assert finding.level == MISSING
    assert finding.text.startswith("java is version 1.8: DynamoDB Local needs 17 or later")


@pytest.mark.usefixtures("path")
def test_npm_matters_only_while_dynamodb_local_is_missing_and_aws_out_of_reach(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dynamodb, "aws_answers", lambda: False)
    levels = {found.what: found.level for found in doctor.check_dynamodb(tmp_path)}
    assert levels == {"dynamodb": NOTE, "java": MISSING, "npm": MISSING}
    monkeypatch.setattr(dynamodb, "aws_answers", lambda: True)
    assert [found.level for found in doctor.check_dynamodb(tmp_path)] == [NOTE]
    (tmp_path / "dynamodb-local" / "2").mkdir(parents=True)
    (tmp_path / "dynamodb-local" / "2" / "DynamoDBLocal.jar").touch()
    (tmp_path / "java" / "21" / "bin").mkdir(parents=True)
    (tmp_path / "java" / "21" / "bin" / "java").touch()
    monkeypatch.setattr(dynamodb, "aws_answers", lambda: False)
    assert [found.level for found in doctor.check_dynamodb(tmp_path)] == [OK]


def test_folder_that_is_a_file_cannot_be_written(tmp_path: Path) -> None:
    assert doctor.check_folder("state", tmp_path / "new" / "state").level == OK
    (tmp_path / "file").touch()
    finding = doctor.check_folder("state", tmp_path / "file" / "state")
    assert finding.level == MISSING
    assert finding.text.endswith("choose another folder with --state DIR")


@pytest.mark.skipif(os.geteuid() == 0, reason="root can write everywhere")
def test_folder_of_another_user_cannot_be_written() -> None:
    assert doctor.check_folder("cache", Path("/etc/cache")).level == MISSING


def test_installed_runtimes(tmp_path: Path) -> None:
    assert "none yet" in doctor.check_runtimes(tmp_path).text
    for name in ("python3.12", "python3.11", "python3.9"):
        (tmp_path / name / "bin").mkdir(parents=True)
    (tmp_path / "python3.12" / "bin" / "python").touch()
    (tmp_path / "python3.11" / "bin" / "python").touch()
    assert doctor.check_runtimes(tmp_path).text == "python3.11, python3.12"
