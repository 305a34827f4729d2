"""Fixtures of the tests of rdp/, as a pytest plugin."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import Result
from typer.testing import CliRunner

from rdp import checkout
from rdp.cli.app import app
from rdp.deployment import Deployment
from tests.rdp.cloud import Cloud

Rdp = Callable[..., Result]


@pytest.fixture
def local_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The `.local` of a checkout without a stack."""
    monkeypatch.setattr(checkout, "LOCAL", tmp_path)
    monkeypatch.setattr(checkout, "LOCAL_INFRA", tmp_path / "infra")
    return tmp_path


@pytest.fixture
def cloud(local_folder: Path) -> Iterator[Cloud]:
    assert local_folder == checkout.LOCAL, "its locks are not those of this checkout"
    with Cloud().attached() as cloud:
        yield cloud


@pytest.fixture
def rdp(cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> Rdp:
    """Runs a command against the cloud; nobody answers its questions unless there is an input."""
    monkeypatch.delenv("TARGET", raising=False)
    monkeypatch.setattr(Deployment, "of", lambda _target: cloud.deployment)

    def run(*arguments: str, stdin: str | bytes | None = None) -> Result:
        return CliRunner().invoke(app, arguments, input=stdin, catch_exceptions=False)

    return run
