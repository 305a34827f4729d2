"""Log lines and metrics. No log line holds a phone number: every logged string is redacted."""

from __future__ import annotations

import logging
import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, Self

from aws_lambda_powertools import Logger, Metrics
from botocore.exceptions import ClientError

from pipeline.environment import Environment
from pipeline.errors import PipelineError
from pipeline.redaction import NO_REGIONS, Regions, redact

Detail = str | float
Details = dict[str, Detail]
Level = Literal["info", "warning", "error"]


@dataclass(frozen=True, slots=True)
class Telemetry:
    logger: Logger
    metrics: Metrics
    regions: Regions = NO_REGIONS

    @classmethod
    def from_environment(cls, regions: Regions = NO_REGIONS) -> Self:
        """Powertools reads service, level and namespace from POWERTOOLS_* variables.

        :raises SettingsError: PROJECT is not set
        """
        metrics = Metrics()
        # stacks in one region share the namespace
        metrics.set_default_dimensions(project=Environment(os.environ).text("PROJECT"))
        return cls(Logger(utc=True, use_rfc3339=True), metrics, regions)

    def info(self, event: str, **details: Detail) -> None:
        self.logger.info(event, extra=self._redacted(details), stacklevel=3)

    def warning(self, event: str, **details: Detail) -> None:
        self.logger.warning(event, extra=self._redacted(details), stacklevel=3)

    def error(self, event: str, **details: Detail) -> None:
        self.logger.error(event, extra=self._redacted(details), stacklevel=3)

    def count(
        self,
        metric: str,
        event: str,
        details: Details,
        seconds: Mapping[str, float] | None = None,
        *,
        level: Level = "info",
    ) -> None:
        """Writes one line with the event, its details and the metrics: CloudWatch stores and bills
        one event instead of two. It is written at once, so that the metrics are not lost if the
        process dies.

        https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html

        :param metric: counted once
        :param seconds: metrics that are durations, by name
        """
        self.metrics.add_metric(name=metric, unit="Count", value=1)
        for name, value in (seconds or {}).items():
            # A microsecond is no information, and each digit is paid for.
            self.metrics.add_metric(name=name, unit="Seconds", value=round(value, 3))
        if logging.getLevelNamesMapping()[level.upper()] < self.logger.log_level:
            # Below the log level there is no line, but there are metrics.
            self.metrics.flush_metrics()
            return
        emf = dict(self.metrics.serialize_metric_set())
        # the logger's lines have it already
        del emf["service"]
        self.metrics.clear_metrics()
        write = getattr(self.logger, level)
        write(event, extra=self._redacted(details) | emf, stacklevel=3)

    def _redacted(self, details: Details) -> Details:
        return {
            name: redact(value, self.regions) if isinstance(value, str) else value
            for name, value in details.items()
        }


def reason(error: BaseException | None) -> str:
    """The error's class and message, without anything that could quote a log's text.

    The message of an error that is not ours may quote the text. For those, the error code or the
    place where it was raised stands in for the message.
    """
    name = type(error).__name__
    if isinstance(error, PipelineError):
        return f"{name}: {error}"
    if isinstance(error, ClientError):
        return f"ClientError: {error.response['Error']['Code']} from {error.operation_name}"
    return f"{name} at {_place(error)}"


def _place(error: BaseException | None) -> str:
    trace = error.__traceback__ if error else None
    if trace is None:
        return "an unknown place"
    while trace.tb_next is not None:
        trace = trace.tb_next
    return f"{trace.tb_frame.f_globals.get('__name__')}:{trace.tb_lineno}"
