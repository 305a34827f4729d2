"""What is done to one log. It needs no AWS library, so a child process can run it."""

import time
from collections.abc import Callable

from pipeline.redaction import NO_REGIONS, Regions, redact

Job = Callable[[], str]
"""Returns the redacted text. A job can be pickled, so that a child process can run it.

:raises TransientError, PermanentError: the processing failed
"""


def process(text: str, seconds: float, regions: Regions = NO_REGIONS) -> str:
    """Simulates `seconds` of work and returns the redacted text."""
    time.sleep(seconds)
    return redact(text, regions)
