"""Whether each part is healthy: an error of one part is its finding, not the end."""

from dataclasses import replace

import pytest

from rdp.stack.health import PartHealth, check
from tests.rdp.cloud import DLQ, OUTPUTS, Cloud
from tests.rdp.listeners import listening


def _checked(cloud: Cloud) -> dict[str, PartHealth]:
    return {health.part: health for health in check(cloud.stack)}


def test_all_parts_of_a_healthy_stack_are_ok(cloud: Cloud) -> None:
    with listening({"/health": {"status": "ok"}}) as url:
        cloud.outputs = replace(OUTPUTS, api_invoke_url=url)
        found = _checked(cloud)

    assert {part for part, health in found.items() if not health.is_ok} == set()
    assert found["api"].text.startswith(f"{url}/health: HTTP 200 in ")


@pytest.mark.parametrize("page", ["hello", "[]", "null", {"status": "bad"}])
def test_api_that_answers_something_else_is_not_ok(cloud: Cloud, page: object) -> None:
    with listening({"/health": page}) as url:
        cloud.outputs = replace(OUTPUTS, api_invoke_url=url)

        assert not _checked(cloud)["api"].is_ok


def test_dead_letter_is_not_ok(cloud: Cloud) -> None:
    cloud.sqs.put(DLQ, "{}")

    assert _checked(cloud)["dlq"].text == "dlq: 1 waiting; see `rdp dlq list`"


def test_part_that_cannot_be_reached_is_not_ok_and_the_others_are_checked(cloud: Cloud) -> None:
    cloud.dynamodb.is_unreachable()
    cloud.sqs.refuses("GetQueueAttributes", "AccessDenied")

    found = _checked(cloud)

    assert {part for part, health in found.items() if not health.is_ok} == {
        *("api", "queue", "dlq", "table")
    }
    assert "AccessDenied" in found["queue"].text


@pytest.mark.parametrize(
    ("page", "is_ok", "text"),
    [
        ({"id": "1"}, True, "LocalStack can write what it keeps"),
        ({"problem": "No space left"}, False, "No space left"),
        (None, True, "this emulator does not keep its state"),
        ("hello", False, "not JSON"),
    ],
)
def test_emulator_that_cannot_write_its_state_is_not_ok(
    cloud: Cloud, page: object, is_ok: bool, text: str
) -> None:
    pages = {} if page is None else {"/_localstack/state": page}
    with listening(pages) as url:
        cloud.endpoint = url
        disk = _checked(cloud)["disk"]

    assert disk.is_ok is is_ok
    assert text in disk.text
