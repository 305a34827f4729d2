"""What a function logged and counted."""

import io
import json
import uuid
from typing import Any

import pytest
from aws_lambda_powertools import Logger, Metrics

from pipeline.telemetry import Telemetry


class Journal:
    """Gives `telemetry` to the code under test, and reads what it wrote."""

    def __init__(self, capture: pytest.CaptureFixture[str]) -> None:
        self._stream = io.StringIO()
        self._capture = capture
        self._printed = ""
        # Powertools keeps loggers by name.
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
        """The values of each metric, by its name."""
        self._printed += self._capture.readouterr().out
        alone = list(map(json.loads, self._printed.splitlines()))
        found: dict[str, list[float]] = {}
        for line in [line for line in [*self.lines(), *alone] if "_aws" in line]:
            for metric in line["_aws"]["CloudWatchMetrics"][0]["Metrics"]:
                found.setdefault(metric["Name"], []).extend(line[metric["Name"]])
        return found
