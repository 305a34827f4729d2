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


_CONNECT_SECONDS = 2


class Patience(NamedTuple):
    attempts: int
    read_seconds: int

    @property
    def longest_seconds(self) -> int:
        """What a call takes at most: its attempts, and backoffs of up to 1 s, 2 s, 4 s, ... between
        them."""
        backoffs = (1 << self.attempts - 1) - 1
        return self.attempts * (_CONNECT_SECONDS + self.read_seconds) + backoffs

    def config(self) -> Config:
        return Config(
            connect_timeout=_CONNECT_SECONDS,
            read_timeout=self.read_seconds,
            # botocore builds its own one anew for each call, which takes a tenth of the call's time
            user_agent="robust-data-processor",
            # One for each message of the largest batch. botocore keeps 10 otherwise: it closes
            # the others after each call and logs a warning, and the next call connects anew.
            max_pool_connections=100,
            retries={"mode": "standard", "total_max_attempts": self.attempts},
        )


def sqs_client(session: Session, patience: Patience) -> SQSClient:
    return cast("SQSClient", session.create_client("sqs", config=patience.config()))
