"""rdp bench: measure the running local stack."""

import json
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from rdp import checkout
from rdp.cli.options import JsonOption
from rdp.cli.output import StatusLine, print_json, say
from rdp.cli.session import CommandError, open_stack
from rdp.deployment import Target


class Measurement(StrEnum):
    """In this order: memory comes before requests, which leave environments of the API behind."""

    FLOOR = "floor"
    COLD_START = "cold_start"
    WARM = "warm"
    STORING = "storing"
    WORKER = "worker"
    MEMORY = "memory"
    REQUESTS = "requests"


def bench(
    measurements: Annotated[
        list[Measurement] | None, typer.Argument(help="Some of them.", show_default="all")
    ] = None,
    seconds: Annotated[int, typer.Option(min=1, help="How long each load lasts.")] = 10,
    process: Annotated[
        int | None,
        typer.Option(
            min=1, help="The emulator's process id.", show_default="this checkout's LocalStack"
        ),
    ] = None,
    output: Annotated[
        Path | None, typer.Option(help="Write the rows here too, as JSON.", show_default=False)
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Measure the local stack: accepted requests, storing, starts, memory.

    Only a LocalStack that runs as a process can be measured: its memory is its processes'.
    """
    from rdp.bench.measure import Bench

    process = process or checkout.process_id()
    if process is None:
        raise CommandError(
            "no embedded LocalStack runs here: `make down && make up RUNTIME=embedded`"
        )
    measuring = Bench(open_stack(Target.LOCAL), seconds, process)
    rows = {}
    try:
        with StatusLine() as status:
            for name, figures in measuring.rows(measurements or [*Measurement], status.show):
                status.end()
                if as_json:
                    print_json({"name": name, "figures": figures})
                else:
                    say(f"{name}: {figures}")
                rows[name] = figures
    finally:
        measuring.clean()
    if output:
        output.write_text(json.dumps(rows))
