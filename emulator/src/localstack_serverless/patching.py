"""How an attribute of LocalStack or one of its libraries is replaced."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from localstack.utils.patch import Patch as LocalStackPatch
from localstack.utils.patch import create_patch_proxy


@dataclass(frozen=True)
class Patch:
    """:param owner: the class or module that has the attribute"""

    owner: Any
    name: str
    replacement: Any
    why: str

    @property
    def value(self) -> Any:
        return self.replacement

    def apply(self) -> LocalStackPatch:
        """:raises AttributeError: the owner has no such attribute"""
        applied = LocalStackPatch(self.owner, self.name, self.value)
        applied.apply()
        return applied


class Wrap(Patch):
    """The replacement gets the original function as its first argument."""

    @property
    def value(self) -> Any:
        return create_patch_proxy(getattr(self.owner, self.name), self.replacement)


def apply(patches: Iterable[Patch]) -> None:
    for patch in patches:
        patch.apply()
