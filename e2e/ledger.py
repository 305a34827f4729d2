"""What clients sent, set against what the stack made of it: invariants I1, I2 and I5."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from e2e.stack import Stack
from e2e.wire import Record

LogKey = tuple[str, str]
"""Tenant and log id."""

_LOOK_EVERY_SECONDS = 1.0
_EMPTY_QUEUE_PATIENCE_SECONDS = 30


@dataclass
class Ledger:
    """The logs that the API accepted, each with the request that was answered 202 last.

    Every tenant in it must be new: whatever else lies under it counts as unexpected.
    """

    accepted: dict[LogKey, str] = field(default_factory=dict)

    def accept(self, tenant_id: str, log_id: str, request_id: str) -> None:
        self.accepted[tenant_id, log_id] = request_id

    @property
    def tenants(self) -> set[str]:
        return {tenant_id for tenant_id, _ in self.accepted}


@dataclass
class Balance:
    records: dict[LogKey, Record]
    dead: set[LogKey]
    lost: set[LogKey]
    """Accepted, and neither a record nor in the DLQ."""
    unexpected: set[LogKey]
    """Stored, though no 202 told so. A request whose answer was lost may be among them."""


Progress = Callable[[int, int], None]
"""Told how many of the accepted logs are stored, and how many were accepted."""


def reconcile(
    stack: Stack,
    ledger: Ledger,
    *,
    patience: float,
    progress: Progress = lambda _stored, _accepted: None,
) -> Balance:
    """Wait until every accepted log is a record or in the DLQ, and draw the balance.

    What is still missing after `patience` seconds without a new record counts as lost; where the
    queue is empty, 30 s are enough.
    """
    table = _Table(stack, ledger)
    dead: set[LogKey] = set()
    changed = time.monotonic()
    while True:
        if table.read():
            changed = time.monotonic()
        progress(len(ledger.accepted) - len(table.missing), len(ledger.accepted))
        queue_is_empty = stack.queue_depth() == 0
        if table.missing and queue_is_empty:
            dead = _dead_letters(stack)
        if table.missing <= dead:
            break
        allowed = min(patience, _EMPTY_QUEUE_PATIENCE_SECONDS) if queue_is_empty else patience
        if time.monotonic() - changed > allowed:
            break
        time.sleep(_LOOK_EVERY_SECONDS)
    return Balance(
        records=table.records,
        dead=table.missing & dead,
        lost=table.missing - dead,
        unexpected=set(table.records) - set(ledger.accepted),
    )


class _Table:
    """The records of the ledger's tenants; reads again only the tenants that miss some."""

    def __init__(self, stack: Stack, ledger: Ledger) -> None:
        self.records: dict[LogKey, Record] = {}
        self.missing = set(ledger.accepted)
        self._stack = stack
        self._stale = ledger.tenants

    def read(self) -> bool:
        """Whether there was something new."""
        known = len(self.records)
        for tenant_id in self._stale:
            for record in self._stack.records(tenant_id):
                self.records[tenant_id, record.log_id] = record
        self.missing -= self.records.keys()
        self._stale = {tenant_id for tenant_id, _ in self.missing}
        return len(self.records) > known


def _dead_letters(stack: Stack) -> set[LogKey]:
    letters = [letter.fields for letter in stack.dead_letters()]
    return {(str(fields.get("tenant_id")), str(fields.get("log_id"))) for fields in letters}
