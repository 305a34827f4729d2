"""How the stack is configured. The names and defaults are those of infra/variables.tf."""

from __future__ import annotations

from dataclasses import dataclass, fields


class InvalidSettingError(ValueError):
    """The message names the setting, its value, and what would be right."""


_RANGES: dict[str, tuple[float, float]] = {
    "worker_batch_size": (1, 100),
    "worker_batching_window_seconds": (0, 300),
    "worker_max_concurrency": (2, 1000),
    "long_worker_max_concurrency": (2, 1000),
    "worker_memory_mb": (128, 10240),
    "api_memory_mb": (128, 10240),
    "processing_seconds_per_char": (0, 10),
    "long_log_seconds": (0, 900),
    "lines_a_record": (1, 2),
}


@dataclass(frozen=True, kw_only=True)
class Settings:
    """
    :raises InvalidSettingError: a value is out of its range (on construction)
    """

    worker_batch_size: int = 50
    worker_batching_window_seconds: int = 5
    worker_max_concurrency: int = 100
    long_worker_max_concurrency: int = 20
    worker_memory_mb: int = 256
    api_memory_mb: int = 512
    processing_seconds_per_char: float = 0.05
    long_log_seconds: float = 20
    """Logs whose processing takes longer go to the long lane."""
    store_original_text: bool = True
    lines_a_record: int = 1
    """Log lines that each function writes about a log: 2 if metrics have a separate line."""

    def __post_init__(self) -> None:
        for field in fields(self):
            value = getattr(self, field.name)
            if field.name in _RANGES and value is not None:
                _check(field.name, value)
        if self.worker_batch_size > 10 and self.worker_batching_window_seconds < 1:
            raise InvalidSettingError(
                f"worker_batch_size is {self.worker_batch_size}: more than 10 messages a batch"
                " need a worker_batching_window_seconds of at least 1, not"
                f" {self.worker_batching_window_seconds:g}"
            )

    @property
    def longest_short_chars(self) -> float:
        """Longer logs go to the long lane; infinite if processing takes no time."""
        if self.processing_seconds_per_char == 0:
            return float("inf")
        # Without the digits that binary fractions add: 20 / 0.05 characters are exactly 400.
        return round(self.long_log_seconds / self.processing_seconds_per_char, 6)


def _check(name: str, value: float) -> None:
    least, most = _RANGES[name]
    if not least <= value <= most:
        raise InvalidSettingError(f"{name} is {value:g}: it must be from {least:g} to {most:,.0f}")


NAIVE = Settings(
    worker_batch_size=10,
    worker_batching_window_seconds=0,
    worker_memory_mb=512,
    api_memory_mb=512,
    lines_a_record=2,
)
"""AWS's defaults for a mapping, and memory as a first guess."""
