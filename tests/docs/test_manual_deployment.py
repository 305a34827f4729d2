"""The page that builds the stack by hand has every setting of the Terraform configuration."""

import re

import pytest

from tests.docs.pages import ROOT

PAGE = (ROOT / "docs/manual-deployment.md").read_text()
INFRA = ROOT / "infra"


def _names(file: str, pattern: str) -> list[str]:
    found = re.findall(pattern, (INFRA / file).read_text(), re.MULTILINE)
    assert found
    return found


@pytest.mark.parametrize("file", ["api.tf", "worker.tf"])
def test_environment_variables_of_the_functions_are_there(file: str) -> None:
    variables = _names(file, r"^ {6}([A-Z][A-Z_]+) +=")

    assert [name for name in variables if f"`{name}`" not in PAGE] == []


def test_alarms_are_there() -> None:
    alarms = _names("alarms.tf", r"^ {4}([a-z0-9-]+) = \{$")

    assert [name for name in alarms if f"`{name}`" not in PAGE] == []


def test_variables_that_it_names_exist() -> None:
    known = _names("variables.tf", r'^variable "(\w+)"')
    named = re.findall(r"\[`(\w+)`", PAGE)

    assert [name for name in named if name not in known] == []


def test_queues_are_there() -> None:
    queues = _names("locals.tf", r'= "\$\{var\.project\}(-\w*(?:queue|dlq)|-long-queue)"')

    assert [name for name in queues if f"robust-data-processor{name}" not in PAGE] == []
