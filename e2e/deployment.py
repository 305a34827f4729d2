"""Which stack to talk to: its Terraform outputs and its AWS endpoint."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Self

import boto3
import requests
from botocore.config import Config

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_lambda import LambdaClient
    from mypy_boto3_logs import CloudWatchLogsClient
    from mypy_boto3_sqs import SQSClient

ROOT = Path(__file__).resolve().parent.parent
_PORT_FILE = ROOT / ".local" / "localstack.port"
_LOCAL_PORT = _PORT_FILE.read_text() if _PORT_FILE.exists() else "4566"
# STACK_ENDPOINT: another emulator that has the stack
LOCAL_ENDPOINT = os.environ.get("STACK_ENDPOINT", f"http://localhost:{_LOCAL_PORT}")
TERRAFORM_FOLDERS = {"local": ROOT / ".local" / "infra", "aws": ROOT / "infra"}
DEPLOY_COMMANDS = {"local": "make up", "aws": "make deploy"}


class DeploymentError(Exception):
    """No stack to talk to; the message says what to run."""


@dataclass(frozen=True)
class Outputs:
    """Terraform's outputs, under Terraform's names."""

    api_invoke_url: str
    sqs_queue_url: str
    sqs_dlq_url: str
    table_name: str
    api_function_name: str
    worker_function_name: str
    max_text_chars: int
    region: str

    @classmethod
    def parse(cls, text: str, *, deploy_command: str) -> Self:
        """From the JSON that `terraform output -json` writes."""
        found = {name: output["value"] for name, output in json.loads(text).items()}
        names = [field.name for field in fields(cls)]
        if missing := [name for name in names if name not in found]:
            raise DeploymentError(
                f"the outputs lack {', '.join(missing)}: deploy with `{deploy_command}`"
            )
        return cls(**{name: found[name] for name in names})


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
    target: str
    outputs: Outputs
    clients: Clients

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> Self:
        """TARGET names the stack; STACK_OUTPUTS names a file to read instead of asking Terraform.

        Raises:
            DeploymentError: an unknown target, nothing is deployed there, or LocalStack is down.
        """
        target = environment.get("TARGET", "local")
        if target not in TERRAFORM_FOLDERS:
            raise DeploymentError(f"TARGET is {target!r}: it must be local or aws")
        if target == "local":
            _check_localstack()
        outputs = Outputs.parse(
            _outputs_json(target, environment.get("STACK_OUTPUTS")),
            deploy_command=DEPLOY_COMMANDS[target],
        )
        return cls(target=target, outputs=outputs, clients=_clients(target, outputs.region))


def _check_localstack() -> None:
    try:
        requests.get(f"{LOCAL_ENDPOINT}/_localstack/health", timeout=10).raise_for_status()
    except requests.RequestException as error:
        raise DeploymentError(
            f"the local stack does not answer on {LOCAL_ENDPOINT}: start it with"
            f" `{DEPLOY_COMMANDS['local']}`"
        ) from error


def _outputs_json(target: str, outputs_file: str | None) -> str:
    if outputs_file:
        return Path(outputs_file).read_text()
    folder = TERRAFORM_FOLDERS[target]
    if not folder.is_dir():
        raise DeploymentError(f"{folder} is missing: deploy with `{DEPLOY_COMMANDS[target]}`")
    terraform = subprocess.run(  # noqa: S603 - a fixed command
        ["terraform", f"-chdir={folder}", "output", "-json"],  # noqa: S607 - from the PATH
        capture_output=True,
        text=True,
        check=False,
    )
    if terraform.returncode != 0:
        raise DeploymentError(f"terraform output failed in {folder}: {terraform.stderr.strip()}")
    return terraform.stdout


def _clients(target: str, region: str) -> Clients:
    if target == "aws":
        return Clients.of(boto3.Session(region_name=region), endpoint_url=None)
    session = boto3.Session(
        aws_access_key_id="test",
        aws_secret_access_key="test",  # noqa: S106 - what LocalStack takes
        region_name=region,
    )
    return Clients.of(session, LOCAL_ENDPOINT)
