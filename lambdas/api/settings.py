"""The API function's settings."""

from dataclasses import dataclass
from typing import Self

from pipeline.environment import Environment


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiSettings:
    queue_url: str
    max_text_chars: int
    max_message_bytes: int

    @classmethod
    def from_environment(cls, environment: Environment) -> Self:
        return cls(
            queue_url=environment.text("QUEUE_URL"),
            max_text_chars=environment.integer("MAX_TEXT_CHARS", minimum=1),
            max_message_bytes=environment.integer("MAX_MESSAGE_BYTES", minimum=1024),
        )
