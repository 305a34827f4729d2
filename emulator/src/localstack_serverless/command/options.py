"""The options that commands share."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from .errors import PROGRAM
from .instance import Instance
from .runtimes import Shared

CACHE_VARIABLE = "LOCALSTACK_SERVERLESS_CACHE"
Decorator = Callable[[Callable[..., Any]], Callable[..., Any]]


def _folder(variable: str, default: str) -> Path:
    """A folder of this program below one that the XDG variable names."""
    return Path(os.environ.get(variable) or Path.home() / default, PROGRAM)


def default_cache() -> Path:
    cache = os.environ.get(CACHE_VARIABLE)
    return Path(cache) if cache else _folder("XDG_CACHE_HOME", ".cache")


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
    "LOCALSTACK_SERVERLESS_STATE",
    lambda: _folder("XDG_DATA_HOME", ".local/share"),
    callback=lambda _context, _option, folder: Instance(folder),
    metavar="DIR",
    help="Everything of one LocalStack: what it keeps, its log, its process id and port.",
    show_default="$XDG_DATA_HOME/localstack-serverless",
)
cache_option = _directory(
    "--cache",
    "shared",
    CACHE_VARIABLE,
    default_cache,
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
