"""Write lambdas/pipeline/redaction/regions.json: how each region prints its national numbers.

    .venv/bin/python -m scripts.redaction_regions

It is made of the metadata of phonenumberslite, whose 2.8 MB the functions need not ship.
"""

import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import phonenumbers

ROOT = Path(__file__).resolve().parent.parent
TARGET = ROOT / "lambdas/pipeline/redaction/regions.json"


def main() -> None:
    TARGET.write_text(generated())
    sys.stdout.write(f"{TARGET.relative_to(ROOT)}: {TARGET.stat().st_size:,} bytes\n")


def generated() -> str:
    regions = {name: region(name) for name in sorted(phonenumbers.SUPPORTED_REGIONS)}
    lines = [f"{json.dumps(name)}:{json.dumps(value)}" for name, value in regions.items()]
    return "{\n" + ",\n".join(lines) + "\n}\n"


def region(name: str) -> dict[str, Any]:
    """The pattern of its national numbers, and its formats with the pattern of their first digits.

    `0d2 d4 d4` is a format: the digit 0 and two others, then four, then four.
    """
    own = metadata(name)
    # Regions that share a calling code share the formats of one of them.
    main = metadata(phonenumbers.region_code_for_country_code(own.country_code))
    formats: dict[str, list[str]] = {}
    for found in main.number_format:
        first_digits = found.leading_digits_pattern[-1] if found.leading_digits_pattern else ""
        for printed in printed_formats(found):
            if " " in printed:
                formats.setdefault(printed, []).append(first_digits)
    return {
        "numbers": own.general_desc.national_number_pattern,
        "formats": {printed: "|".join(sorted(set(found))) for printed, found in formats.items()},
    }


def metadata(name: str) -> Any:
    return phonenumbers.PhoneMetadata.metadata_for_region(name)


def printed_formats(number_format: Any) -> Iterator[str]:
    """With the national prefix where the region prints it, and without where it need not."""
    groups = re.findall(r"\((.*?)\)", number_format.pattern)
    rule = number_format.national_prefix_formatting_rule
    if rule:
        # Puts the prefix around the first group, such as (0\1).
        first = re.search(r"\\\d", number_format.format)
        assert first  # noqa: S101 - of every format
        start, end = first.span()
        whole = rule.replace(r"\1", first[0])
        yield printed(number_format.format[:start] + whole + number_format.format[end:], groups)
    if not rule or number_format.national_prefix_optional_when_formatting:
        yield printed(number_format.format, groups)


def printed(template: str, groups: list[str]) -> str:
    """`(0\\1) \\2` with the groups `\\d{2}` and `\\d{3,4}` is `0d2 d3,4`."""

    def counted(reference: re.Match[str]) -> str:
        count = re.fullmatch(r"\\d(?:\{([\d,]+)\})?", groups[int(reference[1]) - 1])
        assert count  # noqa: S101 - of every format
        return f"d{count[1] or '1'}"

    return re.sub(r"[^\dd,]+", " ", re.sub(r"\\(\d)", counted, template)).strip()


if __name__ == "__main__":
    main()
