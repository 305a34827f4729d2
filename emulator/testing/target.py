"""The AWS under test: an emulator's endpoint, or AWS itself."""

import os
import time
import uuid
from collections.abc import Callable
from functools import cached_property
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import boto3
import pytest
import requests
from botocore.config import Config

AWS = "aws"
LOCAL = "http://localhost:4566"
# How much longer than an emulator AWS may take until a change takes effect everywhere
AWS_PATIENCE = 6
# Lambda's control plane accepts 15 requests a second
AWS_ATTEMPTS = 8
# above the 30 s that an HTTP API may wait for an integration
HTTP_SECONDS = 40


class NotSupportedError(Exception):
    """The target itself reports that it lacks something that the test needs."""


class Target:
    """boto3 clients by service name (`aws.sqs`, `aws.lambda_`), HTTP requests, and waiting.

    :param endpoint: an emulator's URL, or "aws" for AWS with the credentials of the environment
    """

    def __init__(self, endpoint: str, region: str) -> None:
        self.is_aws = endpoint == AWS
        self.endpoint = endpoint.rstrip("/")
        self.region = region
        self._patience = AWS_PATIENCE if self.is_aws else 1

    def __getattr__(self, service: str) -> Any:
        client = self._client(service.rstrip("_"), AWS_ATTEMPTS if self.is_aws else 1)
        setattr(self, service, client)
        return client

    @cached_property
    def invoker(self) -> Any:
        """A Lambda client that does not retry: a throttled invocation is a valid result."""
        return self._client("lambda", 1)

    def _client(self, service: str, attempts: int) -> Any:
        emulator = {
            "endpoint_url": self.endpoint,
            "aws_access_key_id": "test",
            "aws_secret_access_key": "test",
        }
        return boto3.client(
            service,
            region_name=self.region,
            config=Config(
                read_timeout=60,
                retries={"total_max_attempts": attempts},
                ignore_configured_endpoint_urls=True,
            ),
            **({} if self.is_aws else emulator),
        )

    def request(self, method: str, url: str, **options: Any) -> requests.Response:
        """Send an HTTP request to a URL that the target returned.

        An emulator gets it at its endpoint with the URL's name in the Host header, so that the
        name need not resolve, nor the port be the one that the emulator knows of.
        """
        options = {"timeout": HTTP_SECONDS, **options}
        if not self.is_aws:
            there, here = urlsplit(url), urlsplit(self.endpoint)
            options["headers"] = {"Host": there.netloc, **options.get("headers", {})}
            url = urlunsplit((here.scheme, here.netloc, *there[2:]))
        return requests.request(method, url, **options)  # noqa: S113 - in the options

    def wait_until[T](self, probe: Callable[[], T], seconds: float = 20) -> T:
        """`wait_until`, with more time on AWS."""
        return wait_until(probe, seconds * self._patience)


def wait_until[T](probe: Callable[[], T], seconds: float = 20) -> T:
    """Return the probe's first true value; fail with its last one at the deadline."""
    deadline = time.monotonic() + seconds
    while not (value := probe()):
        if time.monotonic() > deadline:
            pytest.fail(f"still {value!r} after {seconds:g} s")
        time.sleep(0.05)
    return value


def default_endpoint() -> str:
    return os.environ.get("AWS_ENDPOINT_URL") or LOCAL


def unique_name() -> str:
    return f"conformance-{uuid.uuid4().hex[:12]}"
