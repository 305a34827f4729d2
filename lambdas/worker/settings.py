"""The worker function's settings."""

from dataclasses import dataclass
from functools import partial
from typing import Self

from pipeline.environment import Environment
from pipeline.redaction import NO_REGIONS, Regions
from worker.retry import Backoff

# Quick at first, because the cause is often gone: with a maximum of 300 s, after 1, 2, 4 and 8 s.
_message_retry = partial(Backoff, factor=2, least=0.5)
# Quick at first as well, for a throttled write. Then each delay is six times the one before: with
# 5 s and a maximum of 1,080 s, the last of five attempts is 17 to 22 minutes after the first.
_store_retry = partial(Backoff, factor=6, least=0.8)


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkerSettings:
    """Times are in seconds."""

    queue_urls: tuple[str, ...]
    table_name: str
    seconds_per_char: float
    visibility_timeout: int
    claim_margin: int
    message_retry: Backoff
    """After a transient failure of the message itself."""
    store_retry: Backoff
    """After a transient failure of the table, which strikes all messages: an outage must not use
    up their attempts."""
    max_receive_count: int
    memory_mb: int
    store_original_text: bool
    record_retention_days: int
    """0: for ever."""
    fault_injection: bool
    redaction_regions: Regions = NO_REGIONS

    @classmethod
    def from_environment(cls, environment: Environment) -> Self:
        return cls(
            queue_urls=(environment.text("QUEUE_URL"), environment.text("LONG_QUEUE_URL")),
            table_name=environment.text("TABLE_NAME"),
            seconds_per_char=environment.seconds("PROCESSING_SECONDS_PER_CHAR"),
            visibility_timeout=environment.integer("VISIBILITY_TIMEOUT_SECONDS", minimum=1),
            claim_margin=environment.integer("CLAIM_MARGIN_SECONDS", minimum=1),
            message_retry=_message_retry(
                base=environment.seconds("RETRY_BASE_SECONDS"),
                maximum=environment.integer("RETRY_MAX_SECONDS", minimum=1),
            ),
            store_retry=_store_retry(
                base=environment.seconds("STORE_RETRY_BASE_SECONDS"),
                maximum=environment.integer("STORE_RETRY_MAX_SECONDS", minimum=1),
            ),
            max_receive_count=environment.integer("MAX_RECEIVE_COUNT", minimum=1),
            # set by Lambda
            memory_mb=environment.integer("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", minimum=1),
            store_original_text=environment.boolean("STORE_ORIGINAL_TEXT"),
            record_retention_days=environment.integer("RECORD_RETENTION_DAYS", minimum=0),
            fault_injection=environment.boolean("FAULT_INJECTION"),
            redaction_regions=environment.regions("REDACTION_REGIONS"),
        )
