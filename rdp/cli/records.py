"""rdp records: what the table holds."""

from collections import Counter
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Annotated

import typer

from rdp.cli.options import JsonOption, TargetOption, command_line
from rdp.cli.output import StatusLine, complain, print_json, say, show_json
from rdp.cli.session import FAILED, CommandError, open_stack
from rdp.target import Target

if TYPE_CHECKING:
    from rdp.stack import Record, Stack

app = typer.Typer(help="Show what the table holds.", no_args_is_help=True)


@app.command("list")
def list_records(
    tenant: Annotated[
        str | None,
        typer.Argument(help="Whose records.", show_default="all: how many each tenant has"),
    ] = None,
    isolation: Annotated[
        bool,
        typer.Option("--isolation", help="Prove that a query for TENANT returns no one else's."),
    ] = False,
    limit: Annotated[
        int | None, typer.Option(min=1, help="Only the newest N.", show_default="all")
    ] = None,
    target: TargetOption = Target.LOCAL,
    as_json: JsonOption = False,
) -> None:
    """List a tenant's records, oldest first. Without TENANT, count the records of each tenant.

    Both that count and --isolation scan the whole table, which AWS bills by size.
    """
    if isolation and tenant is None:
        raise typer.BadParameter("--isolation needs a TENANT")
    stack = open_stack(target)
    if tenant is None:
        _list_tenants(stack, as_json=as_json)
    elif isolation:
        _prove_isolation(stack, tenant, as_json=as_json)
    else:
        _list_of(stack, tenant, limit, as_json=as_json)


@app.command("get")
def get_record(
    tenant: Annotated[str, typer.Argument(help="Whose record.")],
    log_id: Annotated[str, typer.Argument(help="Which record. Write -- before one like -x.")],
    target: TargetOption = Target.LOCAL,
    as_json: JsonOption = False,
) -> None:
    """Show one record."""
    record = open_stack(target).records.get(tenant, log_id)
    if record is None:
        raise CommandError(
            f"tenant {tenant!r} has no record {log_id!r}: see"
            f" {command_line('rdp', 'logs', '--log-id', log_id)}"
        )
    _show(record, as_json=as_json)


def _list_of(stack: "Stack", tenant: str, limit: int | None, *, as_json: bool) -> None:
    records = _oldest_first(stack, tenant)
    for record in records[-(limit or 0) :]:
        _show(record, as_json=as_json)
    if not records and not as_json:
        complain(f"Tenant {tenant!r} has no records")


def _oldest_first(stack: "Stack", tenant: str) -> "list[Record]":
    records: list[Record] = []
    with StatusLine() as status:
        for record in stack.records.of(tenant):
            records.append(record)
            status.show(f"{len(records):,} records read")
    return sorted(records, key=lambda record: (record.received_at, record.log_id))


def _show(record: "Record", *, as_json: bool) -> None:
    if as_json:
        print_json(asdict(record))
    else:
        show_json(asdict(record))


def _list_tenants(stack: "Stack", *, as_json: bool) -> None:
    counts = _scan(stack).counts
    if not as_json:
        say("records\ttenant")
    for tenant, count in sorted(counts.items()):
        if as_json:
            print_json({"tenant_id": tenant, "records": count})
        else:
            say(f"{count}\t{tenant}")


@dataclass
class _Scan:
    counts: "Counter[str]" = field(default_factory=Counter)
    """How many records each tenant has."""
    log_ids: set[str] = field(default_factory=set)
    """The records of one tenant."""


def _scan(stack: "Stack", tenant: str | None = None) -> _Scan:
    found = _Scan()
    if stack.target is Target.AWS:
        complain(f"Scanning the whole table {stack.records.table}, which AWS bills by its size")
    with StatusLine() as status:
        for tenant_id, log_id in stack.records.keys():  # noqa: SIM118 - not a dict's
            found.counts[tenant_id] += 1
            if tenant_id == tenant:
                found.log_ids.add(log_id)
            status.show(f"{found.counts.total():,} records counted")
    return found


def _prove_isolation(stack: "Stack", tenant: str, *, as_json: bool) -> None:
    scan = _scan(stack, tenant)
    returned = _oldest_first(stack, tenant)
    if not scan.log_ids and not returned:
        raise CommandError(
            f"tenant {tenant!r} has no records, so a query for it proves nothing: `rdp records"
            " list` shows who has some"
        )
    own = {record.log_id for record in returned if record.tenant_id == tenant}
    foreign = sum(record.tenant_id != tenant for record in returned)
    # not the difference of the counts: more records may have been stored since the scan
    missing = len(scan.log_ids - own)
    isolated = not foreign and not missing
    if as_json:
        print_json(
            {"tenant_id": tenant, "isolated": isolated, "foreign": foreign, "missing": missing}
        )
    else:
        say(
            f"table: {scan.counts.total()} records of {len(scan.counts)} tenants,"
            f" {len(scan.log_ids)} of them of {tenant}"
        )
        say(f"query: {len(returned)} records, {len(own)} of them of {tenant}")
        say(_verdict(tenant, foreign, missing))
    if not isolated:
        raise typer.Exit(FAILED)


def _verdict(tenant: str, foreign: int, missing: int) -> str:
    if not foreign and not missing:
        return f"isolated: the query returned all records of {tenant} and no one else's"
    return (
        f"NOT ISOLATED: the query returned {foreign} records of others and left out"
        f" {missing} of {tenant}"
    )
