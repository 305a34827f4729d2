"""Lambda functions: deploy them, invoke them, and read their logs."""

import io
import json
import textwrap
import zipfile
from collections.abc import Callable, Mapping
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from typing import Any

import pytest

from .target import NotSupportedError, Target, unique_name

ECHO = "def handler(event, context): return event"
ROLE_SECONDS = 15
FUNCTION_SECONDS = 20


def answering(expression: str) -> str:
    """Code of a function that returns the expression's value."""
    return f"def handler(event, context): return {expression}"


def archive(files: Mapping[str, str]) -> bytes:
    """A zip archive of executable files, by path."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as package:
        for path, text in files.items():
            entry = zipfile.ZipInfo(path)
            entry.external_attr = 0o755 << 16
            package.writestr(entry, text)
    return buffer.getvalue()


@dataclass(frozen=True)
class Function:
    aws: Target
    name: str
    arn: str

    def invoke(self, event: Any = None, **options: Any) -> tuple[Any, str | None]:
        """The decoded payload, and the FunctionError if there is one."""
        answer = self.aws.invoker.invoke(
            FunctionName=self.name, Payload=json.dumps(event), **options
        )
        return json.loads(answer["Payload"].read()), answer.get("FunctionError")

    def result(self, event: Any = None) -> Any:
        """The decoded payload of an invocation that must not fail."""
        payload, error = self.invoke(event)
        assert error is None, payload
        return payload

    def configure(self, **settings: Any) -> None:
        """Update the configuration and wait until it takes effect."""
        self.aws.lambda_.update_function_configuration(FunctionName=self.name, **settings)
        self.wait_until_ready()

    def update_code(self, code: str) -> None:
        self.aws.lambda_.update_function_code(
            FunctionName=self.name, ZipFile=archive({"fn.py": textwrap.dedent(code)})
        )
        self.wait_until_ready()

    def publish(self) -> str:
        """The new version's number, once it can be invoked."""
        version = self.aws.lambda_.publish_version(FunctionName=self.name)["Version"]
        self.aws.wait_until(lambda: self._configuration(version)["State"] == "Active")
        return str(version)

    def wait_until_ready(self) -> None:
        """:raises NotSupportedError: the target could not make the function active"""
        self.aws.wait_until(lambda: not _is_changing(self._configuration()), FUNCTION_SECONDS)
        configuration = self._configuration()
        if configuration.get("State") == "Failed":
            raise NotSupportedError(
                configuration.get("StateReason", "the function's state is Failed")
            )

    def _configuration(self, qualifier: str = "$LATEST") -> dict[str, Any]:
        configuration: dict[str, Any] = self.aws.lambda_.get_function_configuration(
            FunctionName=self.name, Qualifier=qualifier
        )
        return configuration

    @property
    def log_group(self) -> str:
        return f"/aws/lambda/{self.name}"

    def log(self) -> str:
        """All that the function and the platform logged; empty before the first line."""
        return "".join(log_events(self.aws, self.log_group))

    def delete(self) -> None:
        self.aws.lambda_.delete_function(FunctionName=self.name)
        delete_log_group(self.aws, self.log_group)


def _is_changing(configuration: Mapping[str, Any]) -> bool:
    return (
        configuration.get("State") == "Pending"
        or configuration.get("LastUpdateStatus") == "InProgress"
    )


@dataclass
class FunctionFactory:
    """deploy(code, timeout=3, NAME="value"): a function whose handler is `handler` in fn.py."""

    aws: Target
    role: Callable[[], str]
    runtime: str
    cleanup: ExitStack

    def __call__(
        self,
        code: str,
        *,
        timeout: int = 3,
        runtime: str = "",
        settings: Mapping[str, Any] | None = None,
        **env: str,
    ) -> Function:
        """:param settings: further parameters of CreateFunction"""
        name = unique_name()
        parameters = {
            "FunctionName": name,
            "Runtime": runtime or self.runtime,
            "Role": self.role(),
            "Handler": "fn.handler",
            "Code": {"ZipFile": archive({"fn.py": textwrap.dedent(code)})},
            "Timeout": timeout,
            "Environment": {"Variables": env},
            **(settings or {}),
        }
        created = self.aws.wait_until(lambda: self._create(parameters), ROLE_SECONDS)
        function = Function(self.aws, name, created["FunctionArn"])
        self.cleanup.callback(function.delete)
        function.wait_until_ready()
        return function

    def _create(self, parameters: Mapping[str, Any]) -> Any:
        """None while the role is too new for Lambda to know it."""
        try:
            return self.aws.lambda_.create_function(**parameters)
        except self.aws.lambda_.exceptions.InvalidParameterValueException as error:
            if "cannot be assumed" not in str(error):
                raise
            return None


def reserve_concurrency(function: Function, count: int) -> None:
    """Skips the test if the account's quota leaves nothing to reserve."""
    lambda_ = function.aws.lambda_
    try:
        lambda_.put_function_concurrency(
            FunctionName=function.name, ReservedConcurrentExecutions=count
        )
    except lambda_.exceptions.InvalidParameterValueException as error:
        if "UnreservedConcurrentExecution" not in str(error):
            raise
        pytest.skip("the account's concurrency quota leaves nothing to reserve")


def log_events(aws: Target, group: str) -> list[str]:
    try:
        events = aws.logs.filter_log_events(logGroupName=group)["events"]
    except aws.logs.exceptions.ResourceNotFoundException:
        return []
    return [event["message"] for event in events]


def delete_log_group(aws: Target, group: str) -> None:
    with suppress(aws.logs.exceptions.ResourceNotFoundException):
        aws.logs.delete_log_group(logGroupName=group)
