"""A deployed stack: its Terraform outputs and its AWS clients."""

from __future__ import annotations

import json
import os
import subprocess
from dataclasses import dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Self

import boto3
import requests
from botocore.config import Config

from rdp import checkout
from rdp.parsing import json_object
from rdp.target import Target

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_lambda import LambdaClient
    from mypy_boto3_logs import CloudWatchLogsClient
    from mypy_boto3_sqs import SQSClient

# Another program on the port may accept the connection and never answer.
_HEALTH_SECONDS = 10


class DeploymentError(Exception):
    """No stack to talk to; the message names the command to run."""


@dataclass(frozen=True)
class Outputs:
    """Terraform's outputs, under Terraform's names."""

    api_invoke_url: str
    sqs_queue_url: str
    sqs_long_queue_url: str
    sqs_dlq_url: str
    table_name: str
    api_function_name: str
    worker_function_name: str
    max_short_chars: int
    max_text_chars: int
    region: str

    @property
    def queue_names(self) -> tuple[str, str]:
        """Of the two lanes."""
        return _name(self.sqs_queue_url), _name(self.sqs_long_queue_url)

    @classmethod
    def parse(cls, text: str, *, deploy_command: str) -> Self:
        """From the JSON that `terraform output -json` writes.

        :raises DeploymentError: it is something else, or an output is missing
        """
        try:
            found = {name: output["value"] for name, output in json.loads(text).items()}
        except (ValueError, AttributeError, TypeError, KeyError) as error:
            raise DeploymentError(
                "the outputs are not what `terraform output -json` writes: deploy again with"
                f" `{deploy_command}`"
            ) from error
        names = [field.name for field in fields(cls)]
        if missing := [name for name in names if name not in found]:
            raise DeploymentError(
                f"the outputs lack {', '.join(missing)}: deploy with `{deploy_command}`"
            )
        return cls(**{name: found[name] for name in names})


def _name(queue_url: str) -> str:
    return queue_url.rpartition("/")[2]


@dataclass(frozen=True)
class Clients:
    sqs: SQSClient
    dynamodb: DynamoDBClient
    functions: LambdaClient
    logs: CloudWatchLogsClient

    @classmethod
    def of(cls, session: boto3.Session, endpoint_url: str | None) -> Self:
        config = Config(
            retries={"mode": "standard"},
            max_pool_connections=32,
            ignore_configured_endpoint_urls=True,  # type: ignore[call-arg] # not in the stubs
        )
        return cls(
            sqs=session.client("sqs", endpoint_url=endpoint_url, config=config),
            dynamodb=session.client("dynamodb", endpoint_url=endpoint_url, config=config),
            functions=session.client("lambda", endpoint_url=endpoint_url, config=config),
            logs=session.client("logs", endpoint_url=endpoint_url, config=config),
        )


@dataclass(frozen=True)
class Deployment:
    target: Target
    endpoint: str | None
    """The emulator's URL; None for AWS."""
    outputs: Outputs
    clients: Clients

    @classmethod
    def of(cls, target: Target) -> Self:
        """If STACK_OUTPUTS names a file, the outputs are read from it instead of from Terraform.

        :raises DeploymentError: nothing is deployed there, or LocalStack does not answer
        """
        endpoint = checkout.local_endpoint() if target is Target.LOCAL else None
        if endpoint:
            check_localstack(endpoint)
        outputs = Outputs.parse(_outputs_json(target), deploy_command=target.deploy_command)
        return cls(target, endpoint, outputs, _clients(endpoint, outputs.region))

    @classmethod
    def from_environment(cls) -> Self:
        """The stack that TARGET names (default: local).

        :raises DeploymentError: as for `of`, or TARGET is neither local nor aws
        """
        name = os.environ.get("TARGET", Target.LOCAL)
        if name not in [*Target]:
            raise DeploymentError(f"TARGET is {name!r}: it must be local or aws")
        return cls.of(Target(name))


def check_localstack(endpoint: str) -> None:
    """
    :raises DeploymentError: nothing answers there, or something that is not this checkout's
        LocalStack
    """
    answer = _get(f"{endpoint}/_localstack/health", endpoint)
    if not (answer.ok and "services" in (json_object(answer.text) or {})):
        raise DeploymentError(
            f"what answers on {endpoint} is not LocalStack: stop that program, or start the stack"
            f" on another port with `PORT={checkout.OTHER_PORT} make up`"
        )
    _check_owner(endpoint)


def _check_owner(endpoint: str) -> None:
    """Each checkout has its own Terraform state, whose outputs fit only its own LocalStack."""
    expected = checkout.state_id()
    if not expected or os.environ.get("STACK_ENDPOINT"):
        return
    answer = _get(f"{endpoint}/_localstack/state", endpoint)
    if (json_object(answer.text) or {}).get("id") != expected:
        raise DeploymentError(
            f"the LocalStack on {endpoint} does not have this checkout's stack: run `make up`, or"
            f" `PORT={checkout.OTHER_PORT} make up` if it belongs to another checkout"
        )


def _get(url: str, endpoint: str) -> requests.Response:
    try:
        return requests.get(url, timeout=_HEALTH_SECONDS)
    except requests.RequestException as error:
        raise DeploymentError(
            f"no LocalStack answers on {endpoint}: start it with `{Target.LOCAL.deploy_command}`"
        ) from error


def _outputs_json(target: Target) -> str:
    if outputs_file := os.environ.get("STACK_OUTPUTS"):
        return _read_outputs(Path(outputs_file))
    if (kept := _kept_outputs(target.infra)) is not None:
        return kept
    if not target.infra.is_dir():
        raise DeploymentError(
            f"nothing is deployed ({target.infra} is missing): deploy with"
            f" `{target.deploy_command}`"
        )
    try:
        terraform = subprocess.run(  # noqa: S603 - a fixed command
            ["terraform", f"-chdir={target.infra}", "output", "-json", "-no-color"],  # noqa: S607 - from PATH
            capture_output=True,
            text=True,
            check=False,
        )
    except FileNotFoundError:
        raise DeploymentError(
            "terraform is missing: `make doctor` shows how to install it"
        ) from None
    if terraform.returncode != 0:
        raise DeploymentError(
            f"no outputs in {target.infra}: deploy with `{target.deploy_command}`."
            f" {terraform.stderr.strip()}"
        )
    return terraform.stdout


def _read_outputs(path: Path) -> str:
    try:
        return path.read_text()
    except (OSError, UnicodeDecodeError) as error:
        raise DeploymentError(
            f"STACK_OUTPUTS names {path}, which cannot be read: {error}"
        ) from None


def _kept_outputs(infra: Path) -> str | None:
    """What `make up` kept, because asking Terraform takes a second. None after another apply."""
    outputs, state = infra / "outputs.json", infra / "terraform.tfstate"
    if not (outputs.is_file() and state.is_file()):
        return None
    is_current = outputs.stat().st_mtime_ns >= state.stat().st_mtime_ns
    return outputs.read_text() if is_current else None


def _clients(endpoint: str | None, region: str) -> Clients:
    if endpoint is None:
        return Clients.of(boto3.Session(region_name=region), endpoint_url=None)
    session = boto3.Session(
        aws_access_key_id="test",
        aws_secret_access_key="test",  # noqa: S106 - LocalStack accepts anything
        region_name=region,
    )
    return Clients.of(session, endpoint)
