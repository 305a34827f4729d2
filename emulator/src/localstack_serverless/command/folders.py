"""Where this program keeps things, unless an option or variable names another folder."""

import os
from pathlib import Path

from .errors import PROGRAM

STATE_VARIABLE = "LOCALSTACK_SERVERLESS_STATE"
CACHE_VARIABLE = "LOCALSTACK_SERVERLESS_CACHE"


def default_state() -> Path:
    return _folder(STATE_VARIABLE, "XDG_DATA_HOME", ".local/share")


def default_cache() -> Path:
    return _folder(CACHE_VARIABLE, "XDG_CACHE_HOME", ".cache")


def _folder(own: str, of_all_programs: str, default: str) -> Path:
    """What the program's own variable names, else its folder below that of all programs."""
    if folder := os.environ.get(own):
        return Path(folder).resolve()
    return Path(os.environ.get(of_all_programs) or Path.home() / default, PROGRAM).resolve()
