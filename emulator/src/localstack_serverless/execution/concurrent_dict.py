from typing import Any, override


class ConcurrentDict[Key, Value](dict[Key, Value]):
    """Other threads may add and remove entries while one iterates over the values."""

    @override
    def values(self) -> Any:
        return [*super().values()]
