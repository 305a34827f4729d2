"""Fixtures that deploy to the LocalStack at $AWS_ENDPOINT_URL and clean up in reverse."""

import io
import json
import os
import textwrap
import time
import uuid
import zipfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from typing import Any

import boto3
import pytest

ENDPOINT = os.environ.get("AWS_ENDPOINT_URL", "http://localhost:4566")
ROLE = "arn:aws:iam::000000000000:role/live-tests"


class Clients:
    """boto3 clients by service name: `clients.sqs`, `clients.lambda_`."""

    def __getattr__(self, service: str) -> Any:
        client = boto3.client(
            service.rstrip("_"),
            endpoint_url=ENDPOINT,
            region_name="us-east-1",
            aws_access_key_id="test",
            aws_secret_access_key="test",  # noqa: S106 - what LocalStack takes
            verify=False,
        )
        setattr(self, service, client)
        return client


@dataclass
class Function:
    clients: Clients
    name: str
    arn: str

    def invoke(self, event: Any = None) -> tuple[Any, str | None]:
        """The decoded payload, and the FunctionError where there is one."""
        answer = self.clients.lambda_.invoke(FunctionName=self.name, Payload=json.dumps(event))
        return json.loads(answer["Payload"].read()), answer.get("FunctionError")

    @property
    def log_group(self) -> str:
        return f"/aws/lambda/{self.name}"

    def log(self) -> str:
        """All that the function and the platform logged; empty before the first line."""
        logs = self.clients.logs
        try:
            events = logs.filter_log_events(logGroupName=self.log_group)["events"]
        except logs.exceptions.ResourceNotFoundException:
            return ""
        return "".join(event["message"] for event in events)

    def delete(self) -> None:
        self.clients.lambda_.delete_function(FunctionName=self.name)
        with suppress(self.clients.logs.exceptions.ResourceNotFoundException):
            self.clients.logs.delete_log_group(logGroupName=self.log_group)


Deploy = Callable[..., Function]


@pytest.fixture(scope="session")
def clients() -> Clients:
    return Clients()


@pytest.fixture
def deploy(clients: Clients) -> Iterator[Deploy]:
    """deploy(code, timeout=3, env={}, runtime="python3.11"): a function with `handler` in fn.py."""
    with ExitStack() as cleanup:

        def create(
            code: str, *, timeout: int = 3, runtime: str = "python3.11", **env: str
        ) -> Function:
            archive = io.BytesIO()
            with zipfile.ZipFile(archive, "w") as package:
                package.writestr("fn.py", textwrap.dedent(code))
            name = f"live-{uuid.uuid4().hex[:12]}"
            created = clients.lambda_.create_function(
                FunctionName=name,
                Runtime=runtime,
                Role=ROLE,
                Handler="fn.handler",
                Code={"ZipFile": archive.getvalue()},
                Timeout=timeout,
                Environment={"Variables": env},
            )
            function = Function(clients, name, created["FunctionArn"])
            cleanup.callback(function.delete)
            wait_until(
                lambda: (
                    clients.lambda_.get_function(FunctionName=name)["Configuration"]["State"]
                    != "Pending"
                )
            )
            return function

        yield create


def permit(clients: Clients, function: Function, api_id: str) -> None:
    """Let the API invoke the function; the statement's id is the API's."""
    region, account = function.arn.split(":")[3:5]
    clients.lambda_.add_permission(
        FunctionName=function.name,
        StatementId=api_id,
        Action="lambda:InvokeFunction",
        Principal="apigateway.amazonaws.com",
        SourceArn=f"arn:aws:execute-api:{region}:{account}:{api_id}/*",
    )


@pytest.fixture
def api_of(clients: Clients) -> Iterator[Callable[..., str]]:
    """api_of({route key: function}, **stage settings): the URL of a new HTTP API."""
    with ExitStack() as cleanup:

        def create(routes: dict[str, Function], **stage: Any) -> str:
            v2 = clients.apigatewayv2
            api = v2.create_api(Name=f"live-{uuid.uuid4().hex[:12]}", ProtocolType="HTTP")
            cleanup.callback(v2.delete_api, ApiId=api["ApiId"])
            for function in {function.arn: function for function in routes.values()}.values():
                permit(clients, function, api["ApiId"])
            for key, function in routes.items():
                integration = v2.create_integration(
                    ApiId=api["ApiId"],
                    IntegrationType="AWS_PROXY",
                    IntegrationUri=function.arn,
                    PayloadFormatVersion="2.0",
                )
                target = f"integrations/{integration['IntegrationId']}"
                v2.create_route(ApiId=api["ApiId"], RouteKey=key, Target=target)
            v2.create_stage(
                ApiId=api["ApiId"], **{"StageName": "$default", "AutoDeploy": True, **stage}
            )
            return str(api["ApiEndpoint"])

        yield create


ECHO = "def handler(event, context): return event"


@pytest.fixture
def http_api(deploy: Deploy, api_of: Callable[..., str]) -> str:
    """An HTTP API whose $default route echoes its event."""
    return api_of({"$default": deploy(ECHO)})


@pytest.fixture
def queue_of(clients: Clients) -> Iterator[Callable[..., tuple[str, str]]]:
    """queue_of(**attributes): URL and ARN of a new queue; FifoQueue="true" for a FIFO queue."""
    with ExitStack() as cleanup:

        def create(**attributes: str) -> tuple[str, str]:
            suffix = ".fifo" if attributes.get("FifoQueue") == "true" else ""
            created = clients.sqs.create_queue(
                QueueName=f"live-{uuid.uuid4().hex[:12]}{suffix}", Attributes=attributes
            )
            url = created["QueueUrl"]
            cleanup.callback(clients.sqs.delete_queue, QueueUrl=url)
            arn = clients.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])
            return url, arn["Attributes"]["QueueArn"]

        yield create


def wait_until[T](probe: Callable[[], T], seconds: float = 20) -> T:
    """Return the probe's first true value; fail with its last one at the deadline."""
    deadline = time.monotonic() + seconds
    while not (value := probe()):
        if time.monotonic() > deadline:
            pytest.fail(f"still {value!r} after {seconds} s")
        time.sleep(0.05)
    return value
