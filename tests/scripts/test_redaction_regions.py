import json
import re

import pytest

from scripts.package import ROOT
from scripts.redaction_regions import TARGET, generated, printed, region

FORMATS = json.loads(TARGET.read_text())


def test_file_is_fresh() -> None:
    """If not: .venv/bin/python -m scripts.redaction_regions"""
    assert TARGET.read_text() == generated()


@pytest.mark.parametrize(
    ("template", "groups", "shown"),
    [
        (r"\1 \2 \3", [r"\d{3}", r"\d{3}", r"\d{3}"], "d3 d3 d3"),
        (r"(0\1) \2-\3", [r"\d{2}", r"\d{3,4}", r"\d"], "0d2 d3,4 d1"),
        (r"8 (\1) \2", [r"\d{3}", r"\d{7}"], "8 d3 d7"),
        (r"0\2 15-\3", [r"\d", r"\d{4}", r"\d{6}"], "0d4 15 d6"),
    ],
)
def test_format_is_compact(template: str, groups: list[str], shown: str) -> None:
    assert printed(template, groups) == shown


def test_regions_share_the_formats_of_their_calling_code() -> None:
    assert region("GG")["formats"] == region("GB")["formats"]
    assert region("GG")["numbers"] != region("GB")["numbers"]


def test_terraform_knows_the_same_regions() -> None:
    listed = re.search(
        r"phone_regions = (.*?)\]\)", (ROOT / "infra/locals.tf").read_text(), re.DOTALL
    )

    assert listed
    assert re.findall(r"\b[A-Z]{2}\b", listed[1]) == sorted(FORMATS)
