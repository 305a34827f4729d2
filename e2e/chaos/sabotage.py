"""Workers that break an invariant on purpose: the ledger must catch each of them.

Each is the worker's own package with its handler wrapped, so that all else is as in production.
"""

from __future__ import annotations

import contextlib
import io
import zipfile
from collections.abc import Iterator

from e2e.chaos.disruptions import WORKER_PACKAGE
from e2e.stack import Stack

_HANDLER = "worker/handler.py"
_HONEST = "worker/honest.py"

# The wrapper's own part: `records` are the batch's, `struck` whether a log's id ends with 7.
LOSSY = """
    # acknowledged, never stored: what is not listed as failed, the mapping deletes
    return honest({"Records": [record for record in records if not struck(record)]}, context)
"""
COPYING = """
    copies = [changed(record, log_id="copy-of-{log_id}") for record in records if struck(record)]
    return honest({"Records": records + copies}, context)
"""
MISFILING = """
    return honest({"Records": [changed(record, tenant_id="{tenant_id}-other")
                               if struck(record) else record for record in records]}, context)
"""

_WRAPPER = '''"""A worker that breaks an invariant on purpose."""

import json

from worker.honest import handler as honest


def struck(record):
    return json.loads(record["body"])["log_id"].endswith("7")


def changed(record, **patterns):
    body = json.loads(record["body"])
    body |= {name: pattern.format(**body) for name, pattern in patterns.items()}
    return record | {"body": json.dumps(body)}


def handler(event, context):
    records = event["Records"]
'''


@contextlib.contextmanager
def sabotaged_worker(stack: Stack, sabotage: str) -> Iterator[None]:
    """The worker handles every log whose id ends with 7 wrongly, until the end."""
    honest = WORKER_PACKAGE.read_bytes()
    try:
        stack.functions.deploy_worker(_wrapped(honest, sabotage))
        yield
    finally:
        stack.functions.deploy_worker(honest)


def _wrapped(package: bytes, sabotage: str) -> bytes:
    wrapped = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(package)) as old, zipfile.ZipFile(wrapped, "w") as new:
        for entry in old.infolist():
            name = _HONEST if entry.filename == _HANDLER else entry.filename
            new.writestr(name, old.read(entry))
        new.writestr(_HANDLER, _WRAPPER + sabotage)
    return wrapped.getvalue()
