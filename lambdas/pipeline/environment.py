"""A function's environment variables, parsed with errors that name the variable and its value."""

import math
from collections.abc import Mapping
from dataclasses import dataclass

from pipeline.redaction import Regions, known_regions


class SettingsError(Exception):
    """An environment variable is missing or out of range."""


@dataclass(frozen=True, slots=True)
class Environment:
    """
    :raises SettingsError: the variable is not set, or its value is not of that type or range (by
        every method)
    """

    variables: Mapping[str, str]

    def text(self, key: str) -> str:
        value = self.variables.get(key, "")
        if not value:
            raise SettingsError(f"The environment variable {key} is not set")
        return value

    def regions(self, key: str) -> Regions:
        """Codes with commas between, such as US,PL,DE; none if it is empty or not set."""
        raw = self.variables.get(key, "")
        codes = tuple(sorted({code.strip() for code in raw.split(",")} - {""}))
        unknown = [code for code in codes if code not in known_regions()]
        if unknown:
            raise SettingsError(
                f"{key} is {raw!r}: {', '.join(unknown)} is not the code of a region, such as US"
            )
        return codes

    def integer(self, key: str, *, minimum: int) -> int:
        raw = self.text(key)
        if not (raw.isascii() and raw.isdigit() and int(raw) >= minimum):
            raise SettingsError(
                f"{key} is {raw!r}: it must be a whole number of at least {minimum}"
            )
        return int(raw)

    def seconds(self, key: str) -> float:
        raw = self.text(key)
        try:
            value = float(raw)
        except ValueError:
            value = math.nan
        if not 0 <= value < math.inf:
            raise SettingsError(f"{key} is {raw!r}: it must be a number of seconds, 0 or more")
        return value

    def boolean(self, key: str) -> bool:
        raw = self.text(key)
        if raw not in ("true", "false"):
            raise SettingsError(f"{key} is {raw!r}: it must be true or false")
        return raw == "true"
