"""What was measured of the functions and of their log lines. docs/capacity.md names the commands.

Sizes are in bytes, for ids of the usual length: a tenant's name of 8 characters, a UUID as log id.
tests/rdp/capacity/test_measured.py compares them with what the functions write.
"""

from __future__ import annotations

MEGABYTE = 1024 * 1024

# -- log lines, without line feeds -------------------------------------------------------------

LOG_EVENT_BYTES = 26
"""What CloudWatch adds to each event.

https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutLogEvents.html
"""
PLATFORM_LINES = (70, 51, 167)
"""START, END and REPORT of each invocation."""
API_LINES = {2: (380, 248), 1: (611,)}
WORKER_LINES = {2: (394, 407), 1: (712,)}
"""About each log, by how many lines there are: the line and its metrics, or one line with both."""
ACCESS_LINE = 252

CUSTOM_METRICS = 10
"""Accepted, Rejected, Refused, PublishFailed; Stored, Duplicate, Retried, Failed,
ProcessingSeconds, EndToEndSeconds: each with one set of dimensions."""

# -- what travels ------------------------------------------------------------------------------

MESSAGE_BYTES = 181
"""The message in the queue, without the text."""
EVENT_RECORD_BYTES = 900
"""What Lambda adds to a message in the worker's event. Assumed: receipt handles differ."""
RECORD_BYTES = 275
"""The table's item without the texts: names of attributes and their values."""
RECORD_BYTES_WITHOUT_ORIGINAL = RECORD_BYTES - len("original_text")

# -- time --------------------------------------------------------------------------------------

FULL_CPU_MB = 1769
"""Memory at which a function has one vCPU. https://docs.aws.amazon.com/lambda/latest/dg/configuration-memory.html"""
API_CPU_SECONDS = 0.0045
"""Of one request, on one vCPU."""
WORKER_CPU_SECONDS = 0.004
"""Of one record, on one vCPU."""
CALL_SECONDS = 0.010
"""Assumed for one call of SQS or DynamoDB from a function in the same region."""
WORKER_CALLS = 3
"""One after the other for each record: claim, store, delete."""

# -- memory ------------------------------------------------------------------------------------

WORKER_MEMORY_MB = 61
"""The worker's process with the greatest batch."""
CHILD_MEMORY_MB = 1.25
"""Of each record's child process, from the second attempt on: what it does not share."""


def worker_peak_mb(batch_size: int) -> float:
    """The most memory that a batch takes: when each of its records has a child process.

    The fork server is one more process than there are records.
    """
    return WORKER_MEMORY_MB + (batch_size + 1) * CHILD_MEMORY_MB
