"""rdp health and rdp status."""

import json
from collections.abc import Iterator
from dataclasses import replace

import pytest

from tests.rdp.cloud import DLQ, LONG_QUEUE, OUTPUTS, QUEUE, Cloud
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
    assert [part for _, part in parts] == [
        *("api", "queue", "queue", "dlq", "table", "function", "function", "mappings")
    ]
    assert {status for status, _ in parts} == {"ok"}


def test_part_that_fails_fails_the_command_for_people_and_programs(rdp: Rdp, cloud: Cloud) -> None:
    cloud.functions.mappings["long-queue"] = "Disabled"
    cloud.sqs.put(DLQ, "{}")

    for_people, for_programs = rdp("health"), rdp("health", "--json")

    assert (for_people.exit_code, for_programs.exit_code) == (1, 1)
    assert for_people.stderr == for_programs.stderr == "rdp: 2 of 8 checks failed\n"
    lines = [json.loads(line) for line in for_programs.stdout.splitlines()]
    assert [line["part"] for line in lines if not line["is_ok"]] == ["dlq", "mappings"]


def test_status_for_people_and_programs(rdp: Rdp, cloud: Cloud, api: str) -> None:
    cloud.endpoint = "http://localhost:4600"
    cloud.sqs.put(QUEUE, "{}")
    cloud.sqs.put(LONG_QUEUE, "{}")
    cloud.dynamodb.put("acme", "log")

    for_people, for_programs = rdp("status"), rdp("status", "--json")

    found = json.loads(for_programs.stdout)
    assert (found["api"], found["records"]) == (api, 1)
    assert (found["waiting"], found["waiting_long"]) == (2, 1)
    assert "waiting       2\n" in for_people.stdout
    assert "endpoint      http://localhost:4600\n" in for_people.stdout
