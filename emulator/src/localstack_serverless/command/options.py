"""The options that commands share."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from . import folders
from .instance import Instance
from .runtimes import Shared

Decorator = Callable[[Callable[..., Any]], Callable[..., Any]]


def _directory(
    option: str, name: str, variable: str, default: Callable[[], Path], **more: Any
) -> Decorator:
    return click.option(
        option,
        name,
        type=click.Path(file_okay=False, resolve_path=True, path_type=Path),
        envvar=variable,
        show_envvar=True,
        default=default,
        **more,
    )


state_option = _directory(
    "--state",
    "instance",
    folders.STATE_VARIABLE,
    folders.default_state,
    callback=lambda _context, _option, folder: Instance(folder),
    metavar="DIR",
    help="Everything of one LocalStack: what it keeps, its log, its process id and port.",
    show_default="$XDG_DATA_HOME/localstack-serverless",
)
cache_option = _directory(
    "--cache",
    "shared",
    folders.CACHE_VARIABLE,
    folders.default_cache,
    callback=lambda _context, _option, folder: shared_below(folder),
    metavar="DIR",
    help="What every LocalStack shares: functions' runtimes and DynamoDB Local.",
    show_default="$XDG_CACHE_HOME/localstack-serverless",
)
port_option = click.option(
    "--port",
    type=click.IntRange(1, 65535),
    help="On 127.0.0.1.",
    show_default="the port that this folder used last, or 4566",
)


def shared_below(cache: Path) -> Shared:
    """Folders of the cache; LAMBDA_RUNTIMES_DIR and LOCALSTACK_SERVERLESS_LIBRARIES name others."""
    return Shared(
        runtimes=Path(os.environ.get("LAMBDA_RUNTIMES_DIR") or cache / "runtimes").resolve(),
        libraries=Path(
            os.environ.get("LOCALSTACK_SERVERLESS_LIBRARIES") or cache / "lib"
        ).resolve(),
    )
