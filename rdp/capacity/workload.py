"""What clients send: logs a second, and how long they are."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

# Lambda's limit for a synchronous request: no longer text can arrive.
_MOST_CHARS = 6_291_456


class InvalidWorkloadError(ValueError):
    """The message names the value, and what would be right."""


@dataclass(frozen=True)
class Lengths:
    """How long logs are: shares, which add up to 1, by number of characters."""

    shares: dict[int, float]

    @classmethod
    def parse(cls, text: str) -> Lengths:
        """From `100`, or from `share:characters` pairs such as `9:100,1:2000`. Only the shares'
        proportion matters: `90:100,10:2000` is the same.

        :raises InvalidWorkloadError: the text is something else
        """
        pairs = text.split(",")
        if ":" not in text and len(pairs) == 1:
            pairs = [f"1:{text}"]
        weights: dict[int, float] = {}
        for pair in pairs:
            share, chars = _pair(pair.strip())
            weights[chars] = weights.get(chars, 0.0) + share
        total = sum(weights.values())
        return cls({chars: weights[chars] / total for chars in sorted(weights)})

    def mean(self, of: Callable[[int], float] = float) -> float:
        """The mean of a function of the length; of the length itself without one."""
        return sum(share * of(chars) for chars, share in self.shares.items())

    def longest(self, count: float) -> float:
        """The expected length of the longest of these logs.

        :param count: at least 1; need not be whole
        """
        below, expected = 0.0, 0.0
        for chars, share in self.shares.items():
            up_to = min(1.0, below + share)
            expected += chars * (math.pow(up_to, count) - math.pow(below, count))
            below = up_to
        return expected

    def distinct(self, count: float) -> float:
        """How many different lengths these logs are expected to have."""
        return sum(1 - math.pow(1 - share, count) for share in self.shares.values())

    def split(self, most_chars: float) -> tuple[tuple[float, Lengths], tuple[float, Lengths]]:
        """Those of at most these characters, and the longer ones: each with its share of all."""
        short = {chars: share for chars, share in self.shares.items() if chars <= most_chars}
        long = {chars: share for chars, share in self.shares.items() if chars > most_chars}
        return _renormalised(short), _renormalised(long)


def _pair(text: str) -> tuple[float, int]:
    share, _, chars = text.partition(":")
    try:
        found = float(share), int(chars)
    except ValueError:
        raise InvalidWorkloadError(
            f"{text!r} is not share:characters, such as 90:100 or 0.1:2000"
        ) from None
    if not (math.isfinite(found[0]) and found[0] > 0):
        raise InvalidWorkloadError(f"the share in {text!r} must be a number above 0")
    if not 1 <= found[1] <= _MOST_CHARS:
        raise InvalidWorkloadError(f"the characters in {text!r} must be from 1 to {_MOST_CHARS:,}")
    return found


def _renormalised(shares: dict[int, float]) -> tuple[float, Lengths]:
    total = sum(shares.values())
    return total, Lengths({chars: share / total for chars, share in shares.items()})


@dataclass(frozen=True)
class Workload:
    rate: float
    """Logs a second."""
    lengths: Lengths

    def __post_init__(self) -> None:
        if not (math.isfinite(self.rate) and self.rate > 0):
            raise InvalidWorkloadError(f"the rate is {self.rate}: it must be above 0 logs a second")
