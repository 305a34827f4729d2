"""A worker that breaks invariants on purpose: the checks must catch it.

It is the real package with a wrapped handler. Of an experiment's logs, those whose ids end with 7
are lost, those with 5 are stored a second time as a copy, and those with 3 are stored under another
tenant. All other logs are handled correctly.
"""

from __future__ import annotations

import io
import zipfile
from contextlib import AbstractContextManager

from rdp.chaos.leftovers import Leftovers
from rdp.checkout import WORKER_PACKAGE

_HANDLER = "worker/handler.py"
_HONEST = "worker/honest.py"

_WRAPPER = '''"""A worker that breaks invariants on purpose."""

import json

from worker.honest import handler as honest

LOST, COPIED, MISFILED = "7", "5", "3"


def fate(record):
    try:
        body = json.loads(record["body"])
        return body["log_id"][-1] if body["tenant_id"].startswith("chaos-") else ""
    except (ValueError, TypeError, KeyError, AttributeError):
        return ""  # malformed: another test's


def changed(record, **patterns):
    body = json.loads(record["body"])
    body |= {name: pattern.format(**body) for name, pattern in patterns.items()}
    return record | {"body": json.dumps(body)}


def handler(event, context):
    # acknowledged, never stored: what is not listed as failed, the mapping deletes
    kept = [record for record in event["Records"] if fate(record) != LOST]
    if not kept:
        return {"batchItemFailures": []}
    copies = [changed(record, log_id="copy-of-{log_id}")
              for record in kept if fate(record) == COPIED]
    filed = [changed(record, tenant_id="{tenant_id}-other")
             if fate(record) == MISFILED else record for record in kept]
    return honest({"Records": filed + copies}, context)
'''


def sabotaged_worker(leftovers: Leftovers) -> AbstractContextManager[None]:
    """The worker breaks invariants until the end."""
    return leftovers.changed_package(_wrapped(WORKER_PACKAGE.read_bytes()))


def _wrapped(package: bytes) -> bytes:
    wrapped = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(package)) as old, zipfile.ZipFile(wrapped, "w") as new:
        for entry in old.infolist():
            name = _HONEST if entry.filename == _HANDLER else entry.filename
            new.writestr(name, old.read(entry))
        new.writestr(_HANDLER, _WRAPPER)
    return wrapped.getvalue()
