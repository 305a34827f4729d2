"""DynamoDB Local is installed as a whole, or not at all."""

import hashlib
import tarfile
from pathlib import Path

import pytest

from localstack_serverless.command import dynamodb
from localstack_serverless.command.errors import CommandError
from localstack_serverless.command.instance import Instance
from localstack_serverless.command.runtimes import Shared

# `npm pack` writes the archive's file into the working folder
NPM = """#!/bin/sh
cp "$ARCHIVE" .
"""


@pytest.fixture
def shared(tmp_path: Path) -> Shared:
    shared = Shared(tmp_path / "runtimes", tmp_path / "lib")
    shared.libraries.mkdir()
    return shared


@pytest.fixture
def archive(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """What a registry delivers that is out of AWS's reach."""
    monkeypatch.setattr(dynamodb, "aws_answers", lambda: False)
    monkeypatch.setattr(dynamodb, "find_java", lambda: tmp_path / "jvm")
    content = tmp_path / "package" / "emulator"
    content.mkdir(parents=True)
    content.joinpath("DynamoDBLocal.jar").write_text("jar")
    path = tmp_path / "archive.tgz"
    with tarfile.open(path, "w:gz") as file:
        file.add(tmp_path / "package", "package")
    npm = tmp_path / "bin" / "npm"
    npm.parent.mkdir()
    npm.write_text(NPM)
    npm.chmod(0o755)
    monkeypatch.setenv("PATH", f"{npm.parent}:/bin:/usr/bin")
    monkeypatch.setenv("ARCHIVE", str(path))
    return path


@pytest.mark.usefixtures("archive")
def test_other_file_than_the_expected_one_is_refused(shared: Shared) -> None:
    with pytest.raises(CommandError, match="is not the expected file, so nothing was installed"):
        dynamodb.install(shared, Instance(shared.libraries.parent))
    assert [*shared.libraries.rglob("*.jar")] == []


def test_expected_file_is_installed(
    shared: Shared, archive: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    digest = hashlib.sha512(archive.read_bytes()).hexdigest()
    monkeypatch.setattr(dynamodb, "PACKAGE_SHA512", digest)
    dynamodb.install(shared, Instance(shared.libraries.parent))
    jar = shared.libraries / "dynamodb-local" / "2" / "DynamoDBLocal.jar"
    assert jar.read_text() == "jar"
    assert (shared.libraries / "java" / "21").readlink() == shared.libraries.parent / "jvm"
    assert {path.name for path in shared.libraries.iterdir()} == {"dynamodb-local", "java"}


def test_without_npm_the_message_says_what_installs_it(
    shared: Shared, archive: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(archive.parent))
    with pytest.raises(CommandError, match=r"npm is missing.*`apt-get install npm`"):
        dynamodb.install(shared, Instance(shared.libraries.parent))
