"""rdp records: what the table holds."""

from collections import Counter
from dataclasses import asdict
from typing import Annotated

import typer

from rdp.cli.options import JsonOption, TargetOption
from rdp.cli.output import StatusLine, complain, print_json, say, show_json
from rdp.cli.session import FAILED, CommandError, open_stack
from rdp.deployment import Target
from rdp.stack import Record, Stack

app = typer.Typer(help="Show what the table holds.", no_args_is_help=True)


@app.command("list")
def list_records(
    tenant: Annotated[
        str | None, typer.Argument(help="Whose.", show_default="all: how many each has")
    ] = None,
    isolation: Annotated[
        bool,
        typer.Option("--isolation", help="Prove that a query for TENANT returns no one else's."),
    ] = False,
    limit: Annotated[
        int | None, typer.Option(min=1, help="The newest N only.", show_default="all")
    ] = None,
    target: TargetOption = Target.LOCAL,
    as_json: JsonOption = False,
) -> None:
    """A tenant's records, oldest first; without TENANT, the tenants and how many records each has.

    Without TENANT and with --isolation it scans the whole table, which AWS bills by size.
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
    tenant: Annotated[str, typer.Argument(help="Whose.")],
    log_id: Annotated[str, typer.Argument(help="Which.")],
    target: TargetOption = Target.LOCAL,
    as_json: JsonOption = False,
) -> None:
    """One record."""
    record = open_stack(target).records.get(tenant, log_id)
    if record is None:
        raise CommandError(
            f"tenant {tenant!r} has no record {log_id!r}: see `rdp logs --log-id {log_id}`"
        )
    _show(record, as_json=as_json)


def _list_of(stack: Stack, tenant: str, limit: int | None, *, as_json: bool) -> None:
    for record in _oldest_first(stack, tenant)[-(limit or 0) :]:
        _show(record, as_json=as_json)


def _oldest_first(stack: Stack, tenant: str) -> list[Record]:
    records: list[Record] = []
    with StatusLine() as status:
        for record in stack.records.of(tenant):
            records.append(record)
            status.show(f"{len(records):,} records read")
    return sorted(records, key=lambda record: (record.received_at, record.log_id))


def _show(record: Record, *, as_json: bool) -> None:
    if as_json:
        print_json(asdict(record))
    else:
        show_json(asdict(record))


def _list_tenants(stack: Stack, *, as_json: bool) -> None:
    counts = _count(stack)
    if not as_json:
        say("records\ttenant")
    for tenant, count in sorted(counts.items()):
        if as_json:
            print_json({"tenant_id": tenant, "records": count})
        else:
            say(f"{count}\t{tenant}")


def _count(stack: Stack) -> "Counter[str]":
    counts: Counter[str] = Counter()
    if stack.target is Target.AWS:
        complain(f"Scanning the whole table {stack.records.table}, which AWS bills by its size")
    with StatusLine() as status:
        for tenant, _ in stack.records.keys():  # noqa: SIM118 - not a dict's
            counts[tenant] += 1
            status.show(f"{counts.total():,} records counted")
    return counts


def _prove_isolation(stack: Stack, tenant: str, *, as_json: bool) -> None:
    counts = _count(stack)
    returned = Counter(record.tenant_id for record in _oldest_first(stack, tenant))
    if not counts[tenant] and not returned:
        raise CommandError(
            f"tenant {tenant!r} has no records, so a query for it proves nothing: `rdp records"
            " list` shows who has some"
        )
    foreign, missing = returned.total() - returned[tenant], counts[tenant] - returned[tenant]
    isolated = not foreign and not missing
    if as_json:
        print_json(
            {"tenant_id": tenant, "isolated": isolated, "foreign": foreign, "missing": missing}
        )
    else:
        say(
            f"table: {counts.total()} records of {len(counts)} tenants,"
            f" {counts[tenant]} of them of {tenant}"
        )
        say(f"query: {returned.total()} records, {returned[tenant]} of them of {tenant}")
        say(
            f"isolated: the query returned all records of {tenant} and no one else's"
            if isolated
            else f"NOT ISOLATED: the query returned {foreign} records of others and left out"
            f" {missing} of {tenant}"
        )
    if not isolated:
        raise typer.Exit(FAILED)
