"""What clients sent, compared with what the stack holds: invariants I1 and I2."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from rdp.stack import LogKey, Record, Stack

_LOOK_EVERY_SECONDS = 1.0
_EMPTY_QUEUE_PATIENCE_SECONDS = 30


@dataclass
class Ledger:
    """The logs that the API accepted, each with the last request that was answered 202.

    Every tenant must be new: all its other records count as unexpected.
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
    """Accepted, but neither a record nor in the DLQ."""
    unexpected: set[LogKey]
    """Stored without a 202. Their answers may have been lost."""


Progress = Callable[[int, int], None]
"""Called with how many of the accepted logs are stored, and how many were accepted."""


def reconcile(
    stack: Stack,
    ledger: Ledger,
    *,
    patience: float,
    progress: Progress = lambda _stored, _accepted: None,
) -> Balance:
    """Wait until every accepted log is a record or in the DLQ.

    Logs that are missing after `patience` seconds without a new record count as lost; after 30 s
    if the queue is empty.
    """
    table = _Table(stack, ledger)
    dead: set[LogKey] = set()
    changed = time.monotonic()
    while True:
        if table.read():
            changed = time.monotonic()
        progress(len(ledger.accepted) - len(table.missing), len(ledger.accepted))
        queue_is_empty = stack.queues.depth() == 0
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
    """The records of the ledger's tenants. Reads again only tenants with missing records."""

    def __init__(self, stack: Stack, ledger: Ledger) -> None:
        self.records: dict[LogKey, Record] = {}
        self.missing = set(ledger.accepted)
        self._stack = stack
        self._stale = ledger.tenants

    def read(self) -> bool:
        """Returns whether there was a new record."""
        known = len(self.records)
        for tenant_id in self._stale:
            for record in self._stack.records.of(tenant_id):
                self.records[tenant_id, record.log_id] = record
        self.missing -= self.records.keys()
        self._stale = {tenant_id for tenant_id, _ in self.missing}
        return len(self.records) > known


def _dead_letters(stack: Stack) -> set[LogKey]:
    letters = [letter.fields for letter in stack.dead_letters.all()]
    return {(str(fields.get("tenant_id")), str(fields.get("log_id"))) for fields in letters}
