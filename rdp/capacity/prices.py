"""AWS's list prices in us-east-1, without free tiers, and the pages that name them.

AWS's own pages load their figures with a script, so that copies of them have none: each price also
names the page where it was read.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

AS_OF = "2026-11-28"
"""When the pages were read."""

_MILLION = 1e6


@dataclass(frozen=True)
class Price:
    unit: str
    per: float
    """How many units have the price."""
    tiers: tuple[tuple[float, float], ...]
    """Units a month up to which a price in dollars holds, and the price, in order."""
    source: str
    """AWS's page."""
    read: str
    """Where the figures were read."""

    def cost(self, units: float) -> float:
        """Dollars for these units a month."""
        total, below = 0.0, 0.0
        for up_to, dollars in self.tiers:
            if units <= below:
                break
            total += (min(units, up_to) - below) / self.per * dollars
            below = up_to
        return total


_LAMBDA = "https://aws.amazon.com/lambda/pricing/"
_SQS = "https://aws.amazon.com/sqs/pricing/"
_CLOUDWATCH = "https://aws.amazon.com/cloudwatch/pricing/"
_READ_SQS = "https://cloudburn.io/blog/amazon-sqs-pricing"
_ENDLESS = math.inf


def _flat(unit: str, per: float, dollars: float, source: str, read: str) -> Price:
    return Price(unit, per, ((_ENDLESS, dollars),), source, read)


HTTP_API = Price(
    "requests of up to 512 KB",
    _MILLION,
    ((300e6, 1.00), (_ENDLESS, 0.90)),
    "https://aws.amazon.com/api-gateway/pricing/",
    "https://www.learnaws.org/2021/01/10/api-gateway-pricing/",
)
LAMBDA_REQUESTS = _flat(
    "requests",
    _MILLION,
    0.20,
    _LAMBDA,
    "https://git.mcrn.ar/mariano/lambda_local_runner/src/branch/main/docs/lambdas-md/lambda-13-cost.md",
)
LAMBDA_ARM = Price(
    "GB-seconds on arm64",
    1,
    ((7.5e9, 0.0000133334), (18.75e9, 0.0000120001), (_ENDLESS, 0.0000106667)),
    _LAMBDA,
    "https://cloudchipr.com/blog/aws-lambda-pricing",
)
SQS_REQUESTS = Price(
    "requests of up to 64 KB",
    _MILLION,
    ((100e9, 0.40), (200e9, 0.30), (_ENDLESS, 0.24)),
    _SQS,
    _READ_SQS,
)
SQS_FAIR = _flat("sent messages with a message group, in addition", _MILLION, 0.10, _SQS, _READ_SQS)
DYNAMODB_WRITES = _flat(
    "write request units of 1 KB",
    _MILLION,
    0.625,
    "https://aws.amazon.com/dynamodb/pricing/on-demand/",
    "https://airbyte.com/data-engineering-resources/dynamodb-pricing",
)
LAMBDA_LOGS = Price(
    "GB of functions' logs",
    1,
    ((10_000, 0.50), (30_000, 0.25), (50_000, 0.10), (_ENDLESS, 0.05)),
    _CLOUDWATCH,
    "https://www.duckbillgroup.com/?p=9080",
)
LOGS = _flat(
    "GB of other logs",
    1,
    0.50,
    _CLOUDWATCH,
    "https://hykell.com/kb/platform-specific-guides/aws-cloudwatch-logs-pricing",
)
CUSTOM_METRICS = _flat(
    "metrics", 1, 0.30, _CLOUDWATCH, "https://signoz.io/guides/cloudwatch-pricing"
)
ALARMS = _flat(
    "alarms",
    1,
    0.10,
    _CLOUDWATCH,
    "https://c3x.dev/resources/aws/aws_cloudwatch_metric_alarm",
)
DASHBOARDS = _flat(
    "dashboards",
    1,
    3.00,
    _CLOUDWATCH,
    "https://www.factualminds.com/blog/amazon-cloudwatch-pricing-metrics-logs-alarms-dashboards/",
)

SQS_CHUNK_BYTES = 64 * 1024
DYNAMODB_UNIT_BYTES = 1024
HTTP_API_CHUNK_BYTES = 512 * 1024
GIGABYTE = 1024**3
