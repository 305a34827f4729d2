"""The API function's settings."""

from dataclasses import dataclass
from typing import NamedTuple, Self

from pipeline.environment import Environment
from pipeline.redaction import NO_REGIONS, Regions


class Lane(NamedTuple):
    """A queue, and the workers that drain it."""

    name: str
    queue_url: str
    max_backlog: int
    """How many messages the workers can drain in time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiSettings:
    short: Lane
    long: Lane
    """For logs that take long to process: a few of them must not occupy all workers."""
    max_short_chars: int
    """Longer texts take the long lane."""
    max_text_chars: int
    max_message_bytes: int
    redaction_regions: Regions = NO_REGIONS

    @classmethod
    def from_environment(cls, environment: Environment) -> Self:
        return cls(
            short=Lane(
                "short",
                environment.text("QUEUE_URL"),
                environment.integer("MAX_BACKLOG", minimum=0),
            ),
            long=Lane(
                "long",
                environment.text("LONG_QUEUE_URL"),
                environment.integer("MAX_LONG_BACKLOG", minimum=0),
            ),
            max_short_chars=environment.integer("MAX_SHORT_CHARS", minimum=0),
            max_text_chars=environment.integer("MAX_TEXT_CHARS", minimum=1),
            max_message_bytes=environment.integer("MAX_MESSAGE_BYTES", minimum=1024),
            redaction_regions=environment.regions("REDACTION_REGIONS"),
        )
