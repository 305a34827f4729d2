"""All commands of `rdp`, in the order in which a user meets them."""

import sys

import typer

from rdp.cli import bench, capacity, chaos, dlq, health, load, logs, records, reset, send
from rdp.cli.session import Commands

app = typer.Typer(
    name="rdp",
    cls=Commands,
    help="Talk to a deployed stack: the local one, or on AWS with --target aws (or TARGET=aws).",
    epilog=(
        "Exit status: 0 ok, 1 failed, 2 wrong usage, 3 unknown verdict (chaos), 130 interrupted."
    ),
    no_args_is_help=True,
    context_settings={"help_option_names": ["-h", "--help"]},
    pretty_exceptions_enable=False,
    # frames would break lines that programs read
    rich_markup_mode="rich" if sys.stdout.isatty() and sys.stderr.isatty() else None,
)

app.command()(send.send)
app.add_typer(records.app, name="records")
app.add_typer(dlq.app, name="dlq")
app.command()(logs.logs)
app.command()(health.health)
app.command()(health.status)
app.command()(reset.reset)
app.command()(load.load)
app.command()(capacity.capacity)
app.add_typer(chaos.app, name="chaos")
app.command()(bench.bench)
