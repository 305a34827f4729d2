"""Which stack: if it is missing or not ours, the error names the command that helps."""

import json
import os
import socket
from collections.abc import Collection
from dataclasses import asdict
from pathlib import Path

import pytest

from rdp import checkout
from rdp.deployment import Deployment, DeploymentError, Outputs, check_localstack
from rdp.target import Target
from tests.rdp.cloud import OUTPUTS
from tests.rdp.listeners import listening

HEALTH = {"/_localstack/health": {"services": {"sqs": "running"}}}


@pytest.fixture(autouse=True)
def local(local_folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A checkout without a stack, and nothing of the user's environment."""
    for name in ("TARGET", "STACK_OUTPUTS", "STACK_ENDPOINT"):
        monkeypatch.delenv(name, raising=False)
    return local_folder


def _written(*, without: Collection[str] = ()) -> str:
    """The outputs as Terraform writes them."""
    kept = {name: value for name, value in asdict(OUTPUTS).items() if name not in without}
    return json.dumps({name: {"value": value} for name, value in kept.items()})


def test_unknown_target_is_refused_by_value(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TARGET", "gcp")

    with pytest.raises(DeploymentError, match="TARGET is 'gcp': it must be local or aws"):
        Deployment.from_environment()


def test_port_is_the_one_that_localstack_started_on(local: Path) -> None:
    assert checkout.local_endpoint() == "http://localhost:4566"

    (local / "localstack.port").write_text("4600\n")

    assert checkout.local_endpoint() == "http://localhost:4600"


def test_nothing_on_the_port() -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]

    with pytest.raises(DeploymentError, match=r"no LocalStack answers .* start it with `make up`"):
        check_localstack(f"http://127.0.0.1:{port}")


@pytest.mark.parametrize("page", ["<html>hello</html>", "[]", {"status": "ok"}, None])
def test_another_program_on_the_port(page: object) -> None:
    pages = {"/_localstack/health": page} if page is not None else {}

    with (
        listening(pages) as url,
        pytest.raises(DeploymentError, match=r"is not LocalStack: .* `PORT=4600 make up`"),
    ):
        check_localstack(url)


@pytest.mark.parametrize("state", [{"id": "theirs"}, "no state"])
def test_localstack_of_another_checkout(local: Path, state: object) -> None:
    (local / "infra").mkdir()
    (local / "infra" / "localstack").write_text("embedded ours")

    with (
        listening(HEALTH | {"/_localstack/state": state}) as url,
        pytest.raises(DeploymentError, match="does not have this checkout's stack"),
    ):
        check_localstack(url)


def test_localstack_of_this_checkout(local: Path) -> None:
    (local / "infra").mkdir()
    (local / "infra" / "localstack").write_text("embedded ours")

    with listening(HEALTH | {"/_localstack/state": {"id": "ours"}}) as url:
        check_localstack(url)


def test_nothing_is_deployed(monkeypatch: pytest.MonkeyPatch, local: Path) -> None:
    with listening(HEALTH) as url:
        monkeypatch.setenv("STACK_ENDPOINT", url)

        with pytest.raises(DeploymentError, match=f"{local}/infra is missing.* `make up`"):
            Deployment.of(Target.LOCAL)


def test_missing_output_is_named() -> None:
    with pytest.raises(DeploymentError, match="outputs lack table_name, region: deploy with `x`"):
        Outputs.parse(_written(without=("table_name", "region")), deploy_command="x")


@pytest.mark.parametrize(
    "text", ["", "Error: no state", "[]", "null", '{"region": 7}', '{"region": {"type": "string"}}']
)
def test_outputs_that_terraform_did_not_write_are_refused(text: str) -> None:
    with pytest.raises(DeploymentError, match="deploy again with `x`"):
        Outputs.parse(text, deploy_command="x")


def test_missing_file_of_outputs_is_named(local: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STACK_OUTPUTS", str(local / "nothing.json"))

    with pytest.raises(DeploymentError, match=r"STACK_OUTPUTS names .*nothing.json.* No such file"):
        Deployment.of(Target.AWS)


def test_empty_stack_endpoint_is_none(local: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (local / "infra").mkdir()
    (local / "infra" / "localstack").write_text("embedded ours")
    monkeypatch.setenv("STACK_ENDPOINT", "")

    with (
        listening(HEALTH | {"/_localstack/state": {"id": "theirs"}}) as url,
        pytest.raises(DeploymentError, match="does not have this checkout's stack"),
    ):
        check_localstack(url)


def test_outputs_of_make_up_are_read_without_terraform(
    monkeypatch: pytest.MonkeyPatch, local: Path
) -> None:
    (local / "infra").mkdir()
    (local / "infra" / "terraform.tfstate").write_text("{}")
    (local / "infra" / "outputs.json").write_text(_written())
    monkeypatch.setenv("PATH", "")

    with listening(HEALTH) as url:
        monkeypatch.setenv("STACK_ENDPOINT", url)

        deployment = Deployment.of(Target.LOCAL)

        assert deployment.outputs == OUTPUTS
        assert deployment.endpoint == url


def test_outputs_from_before_another_apply_are_not_used(
    monkeypatch: pytest.MonkeyPatch, local: Path
) -> None:
    (local / "infra").mkdir()
    (local / "infra" / "outputs.json").write_text(_written())
    os.utime(local / "infra" / "outputs.json", (1, 1))
    (local / "infra" / "terraform.tfstate").write_text("{}")
    monkeypatch.setenv("PATH", "")

    with listening(HEALTH) as url:
        monkeypatch.setenv("STACK_ENDPOINT", url)

        with pytest.raises(DeploymentError, match="terraform is missing: `make doctor`"):
            Deployment.of(Target.LOCAL)
