"""Which errors are worth another attempt, and when to make it."""

import math
import random
from dataclasses import dataclass

from botocore.exceptions import BotoCoreError, ClientError, ParamValidationError

from pipeline.errors import CrashError, PermanentError

# All other codes may be gone at the next attempt: throttling, timeouts and 5xx, but also a missing
# table or permission, which is not the message's fault.
_PERMANENT_CODES = frozenset({"ValidationException"})

# Beyond this exponent every delay is longer than SQS allows.
_MAX_EXPONENT = 16


def is_permanent(error: BaseException) -> bool:
    if isinstance(error, ClientError):
        return error.response["Error"]["Code"] in _PERMANENT_CODES
    return isinstance(error, PermanentError | ParamValidationError)


def kind(error: BaseException) -> str:
    """As log lines name it: who redrives dead letters can leave out those that fail again."""
    if is_permanent(error):
        return "permanent"
    return "crash" if isinstance(error, CrashError) else "transient"


def is_of_the_store(error: BaseException) -> bool:
    """Whether the table did not take the record: nothing else of an attempt uses AWS."""
    return isinstance(error, BotoCoreError | ClientError)


@dataclass(frozen=True, slots=True, kw_only=True)
class Backoff:
    """Exponential, with a jitter that keeps a minimum: the delays of many messages spread, and
    their sum still has a lower bound.

    https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/
    """

    base: float
    """The longest delay after the first attempt, in seconds."""
    factor: int
    maximum: int
    least: float
    """The share of a delay that the jitter keeps."""

    def seconds(self, attempt: int) -> int:
        """Whole seconds to wait after this attempt, at least 1."""
        longest = min(self.maximum, self.base * self.factor ** min(attempt - 1, _MAX_EXPONENT))
        delay = math.ceil(random.uniform(longest * self.least, longest))  # noqa: S311
        return min(max(1, delay), self.maximum)
