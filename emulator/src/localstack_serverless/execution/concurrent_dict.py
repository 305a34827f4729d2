from typing import Any, override


class ConcurrentDict[Key, Value](dict[Key, Value]):
    """Whoever walks over its values is not disturbed by those who add and remove some."""

    @override
    def values(self) -> Any:
        return [*super().values()]
