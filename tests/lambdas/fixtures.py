"""Fixtures of the unit tests, as a pytest plugin."""

import io
import json
import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from aws_lambda_powertools import Logger, Metrics
from hypothesis import settings

from pipeline.telemetry import Telemetry
from tests.lambdas.aws import InMemoryQueue, InMemoryTable

# how long an example takes, a busy machine decides
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")


@pytest.fixture
def queue() -> Iterator[InMemoryQueue]:
    with InMemoryQueue().attached() as service:
        yield service


@pytest.fixture
def table() -> Iterator[InMemoryTable]:
    with InMemoryTable().attached() as service:
        yield service


class Journal:
    """What a function told: its log lines, and its metrics by name."""

    def __init__(self, capture: pytest.CaptureFixture[str]) -> None:
        self._stream = io.StringIO()
        self._capture = capture
        self._printed = ""
        # loggers are kept by name
        logger = Logger(service=f"test-{uuid.uuid4()}", stream=self._stream)
        self.telemetry = Telemetry(logger, Metrics(namespace="Test", service="test"))

    def lines(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.text().splitlines()]

    def text(self) -> str:
        return self._stream.getvalue()

    def events(self) -> list[str]:
        return [line["message"] for line in self.lines()]

    def line(self, event: str) -> dict[str, Any]:
        [line] = [line for line in self.lines() if line["message"] == event]
        return line

    def metrics(self) -> dict[str, list[float]]:
        self._printed += self._capture.readouterr().out
        found: dict[str, list[float]] = {}
        for line in map(json.loads, self._printed.splitlines()):
            for metric in line["_aws"]["CloudWatchMetrics"][0]["Metrics"]:
                found.setdefault(metric["Name"], []).extend(line[metric["Name"]])
        return found


@pytest.fixture
def journal(capsys: pytest.CaptureFixture[str]) -> Journal:
    return Journal(capsys)
