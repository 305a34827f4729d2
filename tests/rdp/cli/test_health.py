"""rdp health and rdp status."""

import json
from collections.abc import Iterator
from dataclasses import replace

import pytest

from tests.rdp.cloud import DLQ, OUTPUTS, QUEUE, Cloud
from tests.rdp.fixtures import Rdp
from tests.rdp.listeners import listening


@pytest.fixture(autouse=True)
def api(cloud: Cloud) -> Iterator[str]:
    with listening({"/health": {"status": "ok"}}) as url:
        cloud.outputs = replace(OUTPUTS, api_invoke_url=url)
        yield url


def test_healthy_stack(rdp: Rdp) -> None:
    result = rdp("health")

    assert result.exit_code == 0
    parts = [line.split()[:2] for line in result.stdout.splitlines()]
    assert parts == [
        ["ok", part] for part in ("api", "queue", "dlq", "table", "function", "function", "mapping")
    ]


def test_part_that_fails_fails_the_command_for_people_and_programs(rdp: Rdp, cloud: Cloud) -> None:
    cloud.functions.mappings = ["Disabled"]
    cloud.sqs.put(DLQ, "{}")

    for_people, for_programs = rdp("health"), rdp("health", "--json")

    assert (for_people.exit_code, for_programs.exit_code) == (1, 1)
    assert for_people.stderr == for_programs.stderr == "rdp: 2 of 7 checks failed\n"
    lines = [json.loads(line) for line in for_programs.stdout.splitlines()]
    assert [line["part"] for line in lines if not line["is_ok"]] == ["dlq", "mapping"]


def test_status_for_people_and_programs(rdp: Rdp, cloud: Cloud, api: str) -> None:
    cloud.endpoint = "http://localhost:4600"
    cloud.sqs.put(QUEUE, "{}", "{}")
    cloud.dynamodb.put("acme", "log")

    for_people, for_programs = rdp("status"), rdp("status", "--json")

    found = json.loads(for_programs.stdout)
    assert (found["api"], found["waiting"], found["records"]) == (api, 2, 1)
    assert "waiting       2\n" in for_people.stdout
    assert "endpoint      http://localhost:4600\n" in for_people.stdout
