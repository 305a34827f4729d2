"""Clients of AWS whose calls end before the caller's own deadline.

They come from botocore, which boto3 is made of: boto3 itself would import s3transfer too, a tenth
of a second more in a cold start. A call takes at most attempts * (connect + read) seconds and the
backoff between the attempts (up to 1 s, then 2 s).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from botocore.config import Config

if TYPE_CHECKING:
    from botocore.session import Session
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_sqs import SQSClient

# 13 s at most: the API's function has 15 s, and the HTTP API gives up after 30 s.
API_ATTEMPTS = 2
# 21 s at most, and the queue tries again after that.
WORKER_ATTEMPTS = 3


def sqs_client(session: Session, *, attempts: int) -> SQSClient:
    return cast("SQSClient", session.create_client("sqs", config=_config(attempts)))


def dynamodb_client(session: Session, *, attempts: int) -> DynamoDBClient:
    return cast("DynamoDBClient", session.create_client("dynamodb", config=_config(attempts)))


def _config(attempts: int) -> Config:
    return Config(
        connect_timeout=2,
        read_timeout=4,
        retries={"mode": "standard", "total_max_attempts": attempts},
    )
