"""Which failures are worth another attempt, and when."""

import math
import random

from botocore.exceptions import ClientError, ParamValidationError

from pipeline.errors import PermanentError

# Everything else may pass: throttling, time-outs, 5xx, but also a missing table or permission,
# which are no fault of the message.
_PERMANENT_CODES = frozenset({"ValidationException"})


def is_permanent(error: BaseException) -> bool:
    if isinstance(error, ClientError):
        return error.response["Error"]["Code"] in _PERMANENT_CODES
    return isinstance(error, PermanentError | ParamValidationError)


def backoff(attempt: int, *, base: int, maximum: int) -> int:
    """Whole seconds until the attempt after this one: exponential, with full jitter.

    https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/
    """
    ceiling = min(maximum, base * 2 ** (attempt - 1))
    return max(1, math.ceil(random.uniform(0, ceiling)))  # noqa: S311
