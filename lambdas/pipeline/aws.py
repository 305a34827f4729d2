"""Clients of AWS whose calls end before the caller's own deadline.

They come from botocore, which boto3 is made of: boto3 itself would import s3transfer too, a tenth
of a second more in a cold start. A call takes at most attempts * (connect + read) seconds and the
backoff between the attempts (up to 1 s, then 2 s).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, cast

from botocore.config import Config

if TYPE_CHECKING:
    from botocore.session import Session
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_sqs import SQSClient


class Patience(NamedTuple):
    attempts: int
    read_seconds: int


# 13 s at most: the API's function has 15 s, and the HTTP API gives up after 30 s.
API = Patience(attempts=2, read_seconds=4)
# 25 s at most, less than what a claim is longer than processing; and the queue tries again after
# that. A short wait would only add load to a service that is slow for having too much of it.
WORKER = Patience(attempts=2, read_seconds=10)


def sqs_client(session: Session, patience: Patience) -> SQSClient:
    return cast("SQSClient", session.create_client("sqs", config=_config(patience)))


def dynamodb_client(session: Session, patience: Patience) -> DynamoDBClient:
    return cast("DynamoDBClient", session.create_client("dynamodb", config=_config(patience)))


def _config(patience: Patience) -> Config:
    return Config(
        connect_timeout=2,
        read_timeout=patience.read_seconds,
        retries={"mode": "standard", "total_max_attempts": patience.attempts},
    )
