"""A service's resources in one file: pickles of what its state visitor reaches.

https://github.com/localstack/localstack/blob/v4.14.0/localstack-core/localstack/state/core.py
"""

import pickle
from pathlib import Path
from typing import Any, override

from localstack.services.plugins import SERVICE_PLUGINS
from localstack.services.stores import AccountRegionBundle
from localstack.state import AssetDirectory, StateContainer, StateVisitor

from . import files, pickling

SUFFIX = ".snapshot"

Containers = dict[str, Any]


class _Collector(StateVisitor):
    """Collects the containers that do not keep their own files."""

    def __init__(self) -> None:
        self.containers: Containers = {}

    @override
    def visit(self, state_container: StateContainer) -> None:
        if not isinstance(state_container, AssetDirectory):
            name = f"{type(state_container).__name__}:{state_container.service_name}"
            self.containers[name] = state_container


def dump(service: str) -> bytes:
    return pickling.dumps(_containers(service))


def read(path: Path) -> Containers:
    """:raises files.StateRefusedError: another version wrote it, or it is damaged"""
    return dict(pickle.loads(files.read(path)))  # noqa: S301 - written by us, with a checksum


def restore(service: str, kept: Containers) -> None:
    """Fill the service's containers in place, as other objects hold references to them."""
    for name, container in _containers(service).items():
        if name in kept:
            container.clear()
            container.update(kept[name])
            if isinstance(container, AccountRegionBundle):
                container._universal = kept[name]._universal


def _containers(service: str) -> Containers:
    collector = _Collector()
    SERVICE_PLUGINS.require(service).accept_state_visitor(collector)
    return collector.containers
