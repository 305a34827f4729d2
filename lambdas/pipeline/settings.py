"""The functions' environments, each parsed once into a typed object."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self


class SettingsError(Exception):
    """An environment variable is missing or out of range; the message names key and value."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiSettings:
    queue_url: str
    max_text_chars: int
    max_message_bytes: int

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> Self:
        return cls(
            queue_url=_required(environment, "QUEUE_URL"),
            max_text_chars=_integer(environment, "MAX_TEXT_CHARS", minimum=1),
            max_message_bytes=_integer(environment, "MAX_MESSAGE_BYTES", minimum=1024),
        )


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
    def from_environment(cls, environment: Mapping[str, str]) -> Self:
        return cls(
            queue_url=_required(environment, "QUEUE_URL"),
            table_name=_required(environment, "TABLE_NAME"),
            seconds_per_char=_seconds(environment, "PROCESSING_SECONDS_PER_CHAR"),
            visibility_timeout=_integer(environment, "VISIBILITY_TIMEOUT_SECONDS", minimum=1),
            claim_margin=_integer(environment, "CLAIM_MARGIN_SECONDS", minimum=1),
            retry_base=_integer(environment, "RETRY_BASE_SECONDS", minimum=1),
            retry_max=_integer(environment, "RETRY_MAX_SECONDS", minimum=1),
            max_receive_count=_integer(environment, "MAX_RECEIVE_COUNT", minimum=1),
            fault_injection=_boolean(environment, "FAULT_INJECTION"),
        )


def _required(environment: Mapping[str, str], key: str) -> str:
    value = environment.get(key, "")
    if not value:
        raise SettingsError(f"The environment variable {key} is not set")
    return value


def _integer(environment: Mapping[str, str], key: str, *, minimum: int) -> int:
    raw = _required(environment, key)
    if not (raw.isascii() and raw.isdigit() and int(raw) >= minimum):
        raise SettingsError(f"{key} is {raw!r}: it must be a whole number of at least {minimum}")
    return int(raw)


def _seconds(environment: Mapping[str, str], key: str) -> float:
    raw = _required(environment, key)
    try:
        value = float(raw)
    except ValueError:
        value = math.nan
    if not 0 <= value < math.inf:
        raise SettingsError(f"{key} is {raw!r}: it must be a number of seconds, 0 or more")
    return value


def _boolean(environment: Mapping[str, str], key: str) -> bool:
    raw = _required(environment, key)
    if raw not in ("true", "false"):
        raise SettingsError(f"{key} is {raw!r}: it must be true or false")
    return raw == "true"
