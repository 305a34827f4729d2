"""AWS clients with short timeouts, so that a call ends before the function must answer.

They come from botocore, which boto3 is built on. boto3 would also import s3transfer, which adds a
tenth of a second to a cold start.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, cast

from botocore.config import Config

if TYPE_CHECKING:
    from botocore.session import Session
    from mypy_boto3_sqs import SQSClient


class Patience(NamedTuple):
    """A call takes at most attempts * (2 s to connect + read_seconds), plus a backoff between the
    attempts: up to 1 s, then up to 2 s."""

    attempts: int
    read_seconds: int

    def config(self) -> Config:
        return Config(
            connect_timeout=2,
            read_timeout=self.read_seconds,
            retries={"mode": "standard", "total_max_attempts": self.attempts},
        )


def sqs_client(session: Session, patience: Patience) -> SQSClient:
    return cast("SQSClient", session.create_client("sqs", config=patience.config()))
