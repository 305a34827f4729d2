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
from rdp.target import Target


class Measurement(StrEnum):
    """In this order: memory comes before requests, which leave idle environments of the API."""

    FLOOR = "floor"
    COLD_START = "cold_start"
    WARM = "warm"
    STORING = "storing"
    WORKER = "worker"
    MEMORY = "memory"
    API_ALONE = "api_alone"
    DRAIN = "drain"
    SIDE_BY_SIDE = "side_by_side"
    REQUESTS = "requests"


def bench(
    measurements: Annotated[
        list[Measurement] | None, typer.Argument(help="What to measure.", show_default="all")
    ] = None,
    seconds: Annotated[int, typer.Option(min=1, help="How long each load lasts.")] = 10,
    process: Annotated[
        int | None,
        typer.Option(
            min=1, help="The emulator's process id.", show_default="this checkout's LocalStack"
        ),
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option(help="Also write the rows to this file, as JSON.", show_default=False),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Measure the local stack: accepted requests, storing, starts, memory, processor time.

    Only an embedded LocalStack can be measured: memory and processor time are read from its
    processes, which are not visible in a container.
    """
    from rdp.bench.measure import Bench
    from rdp.bench.memory import is_running

    process = process or checkout.process_id()
    if process is None or not is_running(process):
        raise CommandError(
            "no embedded LocalStack runs here, and only its processes can be measured:"
            " `make down && make up RUNTIME=embedded`"
        )
    if output:
        # before minutes of measuring, not after
        output.parent.mkdir(parents=True, exist_ok=True)
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
