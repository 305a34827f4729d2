"""What is done to one log, free of AWS: it runs in the worker or in a child process alike."""

import time
from typing import NamedTuple

from pipeline.redaction import redact
from worker import faults


class Job(NamedTuple):
    text: str
    seconds: float
    """How long the simulated processing takes."""
    fault: faults.Fault | None = None


def process(job: Job) -> str:
    """Returns the redacted text.

    Raises:
        TransientError, PermanentError: an injected fault.
    """
    faults.before_processing(job.fault)
    time.sleep(job.seconds)
    modified = redact(job.text)
    faults.before_storing(job.fault)
    return modified
