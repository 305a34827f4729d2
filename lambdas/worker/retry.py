"""Which errors are worth another attempt, and when to make it."""

import math
import random

from botocore.exceptions import ClientError, ParamValidationError

from pipeline.errors import PermanentError

# All other codes may be gone at the next attempt: throttling, timeouts and 5xx, but also a missing
# table or permission, which is not the message's fault.
_PERMANENT_CODES = frozenset({"ValidationException"})


def is_permanent(error: BaseException) -> bool:
    if isinstance(error, ClientError):
        return error.response["Error"]["Code"] in _PERMANENT_CODES
    return isinstance(error, PermanentError | ParamValidationError)


def backoff(attempt: int, *, base: int, maximum: int) -> int:
    """Whole seconds to wait after this attempt: exponential, with full jitter, at least 1.

    https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/
    """
    ceiling = min(maximum, base * 2 ** (attempt - 1))
    return max(1, math.ceil(random.uniform(0, ceiling)))  # noqa: S311
