"""The worker function's settings."""

from dataclasses import dataclass
from typing import Self

from pipeline.environment import Environment


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkerSettings:
    """Times are in seconds."""

    queue_url: str
    table_name: str
    seconds_per_char: float
    visibility_timeout: int
    claim_margin: int
    retry_base: int
    retry_max: int
    max_receive_count: int
    fault_injection: bool

    @classmethod
    def from_environment(cls, environment: Environment) -> Self:
        return cls(
            queue_url=environment.text("QUEUE_URL"),
            table_name=environment.text("TABLE_NAME"),
            seconds_per_char=environment.seconds("PROCESSING_SECONDS_PER_CHAR"),
            visibility_timeout=environment.integer("VISIBILITY_TIMEOUT_SECONDS", minimum=1),
            claim_margin=environment.integer("CLAIM_MARGIN_SECONDS", minimum=1),
            retry_base=environment.integer("RETRY_BASE_SECONDS", minimum=1),
            retry_max=environment.integer("RETRY_MAX_SECONDS", minimum=1),
            max_receive_count=environment.integer("MAX_RECEIVE_COUNT", minimum=1),
            fault_injection=environment.boolean("FAULT_INJECTION"),
        )
