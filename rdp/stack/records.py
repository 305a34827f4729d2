"""The table of processed logs."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

from rdp.stack.batches import DYNAMODB_BATCH, chunks
from rdp.stack.errors import StackError
from rdp.waiting import wait_for

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.type_defs import WriteRequestTypeDef

    from rdp.deployment import Deployment

LogKey = tuple[str, str]
"""Tenant and log id: the table's key."""

_DELETERS = 8
_DELETE_ATTEMPTS = 8
_FIRST_PAUSE_SECONDS = 0.05


@dataclass(frozen=True)
class Record:
    """An item of the table."""

    tenant_id: str
    log_id: str
    source: str
    original_text: str
    modified_data: str
    received_at: str
    processed_at: str
    request_id: str
    worker_id: str
    attempt: int

    @classmethod
    def from_item(cls, item: Mapping[str, Mapping[str, Any]]) -> Self:
        """From DynamoDB's form: `{"log_id": {"S": "log-001"}, "attempt": {"N": "1"}}`.

        :raises StackError: an attribute is missing, unknown or of another type
        """
        try:
            return cls(**{name: _plain(typed) for name, typed in item.items()})
        except (TypeError, ValueError) as error:
            key = [str(item.get(name, {}).get("S")) for name in ("tenant_id", "log_id")]
            raise StackError(
                f"the item {key} of the table is not a record of the worker: {error}"
            ) from error

    @property
    def key(self) -> LogKey:
        return self.tenant_id, self.log_id


def _plain(typed: Mapping[str, Any]) -> Any:
    [(kind, value)] = typed.items()
    return int(value) if kind == "N" else value


class Records:
    def __init__(self, deployment: Deployment) -> None:
        self.table = deployment.outputs.table_name
        self._client = deployment.clients.dynamodb

    def of(self, tenant_id: str) -> Iterator[Record]:
        """All records that a query for the tenant returns: strongly consistent, read in pages."""
        pages = self._client.get_paginator("query").paginate(
            TableName=self.table,
            KeyConditionExpression="tenant_id = :tenant_id",
            ExpressionAttributeValues={":tenant_id": {"S": tenant_id}},
            ConsistentRead=True,
        )
        return (Record.from_item(item) for page in pages for item in page["Items"])

    def get(self, tenant_id: str, log_id: str) -> Record | None:
        answer = self._client.get_item(
            TableName=self.table, Key=_key((tenant_id, log_id)), ConsistentRead=True
        )
        return Record.from_item(answer["Item"]) if "Item" in answer else None

    def wait_for(
        self,
        tenant_id: str,
        log_id: str,
        *,
        deadline: float,
        where: Callable[[Record], bool] = lambda _record: True,
    ) -> Record:
        """Returns the record once it exists and satisfies `where`."""
        return wait_for(
            lambda: self.get(tenant_id, log_id),
            where,
            deadline=deadline,
            what=f"the record ({tenant_id}, {log_id})",
        )

    def holding(self, phrase: str) -> list[Record]:
        """All records of any tenant whose original text contains the phrase: a scan."""
        pages = self._client.get_paginator("scan").paginate(
            TableName=self.table,
            FilterExpression="contains(original_text, :phrase)",
            ExpressionAttributeValues={":phrase": {"S": phrase}},
            ConsistentRead=True,
        )
        return [Record.from_item(item) for page in pages for item in page["Items"]]

    def keys(self) -> Iterator[LogKey]:
        """The keys of all records: a scan, which AWS bills by the size of the table."""
        pages = self._client.get_paginator("scan").paginate(
            TableName=self.table, ProjectionExpression="tenant_id, log_id", ConsistentRead=True
        )
        return (
            (str(item["tenant_id"]["S"]), str(item["log_id"]["S"]))
            for page in pages
            for item in page["Items"]
        )

    def approximate_count(self) -> int:
        """How many records there are. AWS counts every six hours."""
        return self._client.describe_table(TableName=self.table)["Table"]["ItemCount"]

    def status(self) -> str:
        return self._client.describe_table(TableName=self.table)["Table"]["TableStatus"]

    def delete_of(self, tenant_id: str) -> None:
        self.delete(record.key for record in self.of(tenant_id))

    def delete(
        self, keys: Iterable[LogKey], progress: Callable[[int], None] = lambda _deleted: None
    ) -> int:
        """Returns how many were deleted.

        :param progress: called with how many were deleted so far
        :raises StackError: the table throttles the deletion for too long
        """
        deleted = 0
        with ThreadPoolExecutor(_DELETERS, thread_name_prefix="delete") as pool:
            # A pool takes all that it gets at once: then neither progress nor Ctrl-C would come
            # before the last key is read.
            for batches in chunks(chunks(keys, DYNAMODB_BATCH), _DELETERS):
                deleted += sum(pool.map(self._delete_batch, batches))
                progress(deleted)
        return deleted

    def _delete_batch(self, keys: list[LogKey]) -> int:
        waiting: list[WriteRequestTypeDef] = [{"DeleteRequest": {"Key": _key(key)}} for key in keys]
        for attempt in range(_DELETE_ATTEMPTS):
            if attempt:
                time.sleep(_FIRST_PAUSE_SECONDS * 2**attempt)
            answer = self._client.batch_write_item(RequestItems={self.table: waiting})
            # Throttled items are not an error: they come back.
            waiting = answer["UnprocessedItems"].get(self.table, [])  # type: ignore[assignment]
            if not waiting:
                return len(keys)
        raise StackError(f"the table {self.table} throttles the deletion: try again later")


def _key(key: LogKey) -> dict[str, dict[str, str]]:
    tenant_id, log_id = key
    return {"tenant_id": {"S": tenant_id}, "log_id": {"S": log_id}}
