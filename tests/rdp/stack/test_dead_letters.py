"""The DLQ: all messages are seen once and released."""

import pytest

from rdp.checkout import process_lock
from rdp.stack import StackError
from tests.rdp.cloud import DLQ, Cloud


@pytest.fixture(autouse=True)
def no_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("time.sleep", lambda _seconds: None)


def _visible(cloud: Cloud) -> int:
    return sum(message.visible for message in cloud.sqs.messages[DLQ].values())


def test_all_messages_are_seen_and_released(cloud: Cloud) -> None:
    cloud.sqs.put(DLQ, *(f'{{"log_id": "{number}"}}' for number in range(25)))
    seen: list[int] = []

    letters = cloud.stack.dead_letters.all(seen.append)

    assert [letter.fields["log_id"] for letter in letters] == [str(n) for n in range(25)]
    assert seen == [10, 20, 25]
    assert _visible(cloud) == 25


@pytest.mark.parametrize(
    "body", ["hello", "[]", "[" * 100_000, '{"a": ' + "9" * 5_000 + "}", '{"tenant'], ids=len
)
def test_body_that_cannot_be_read_has_no_fields(cloud: Cloud, body: str) -> None:
    cloud.sqs.put(DLQ, body)

    [letter] = cloud.stack.dead_letters.all()

    assert (letter.body, letter.fields) == (body, {})


def test_only_unwanted_messages_are_deleted(cloud: Cloud) -> None:
    cloud.sqs.put(DLQ, *["a"] * 12, "b", *["a"] * 12)

    deleted = cloud.stack.dead_letters.delete(lambda letter: letter.body == "a")

    assert deleted == 24
    assert [message.body for message in cloud.sqs.messages[DLQ].values()] == ["b"]
    assert _visible(cloud) == 1


def test_message_that_sqs_does_not_delete_is_an_error(cloud: Cloud) -> None:
    [message_id] = cloud.sqs.put(DLQ, "a")
    cloud.sqs.kept = {message_id}

    with pytest.raises(StackError, match="did not delete 1 messages: ReceiptHandleIsInvalid"):
        cloud.stack.dead_letters.delete(lambda _letter: True)
    assert _visible(cloud) == 1


def test_letter_names_the_queue_that_it_came_from(cloud: Cloud) -> None:
    cloud.sqs.bury("a")
    cloud.sqs.bury("b", source=None)

    assert [letter.source for letter in cloud.stack.dead_letters.all()] == ["queue", None]


class WaitsError(Exception):
    pass


def _waits() -> None:
    raise WaitsError


def test_reader_says_that_it_waits_for_another(cloud: Cloud) -> None:
    letters = cloud.stack.dead_letters

    with process_lock("dead-letters"):
        with pytest.raises(WaitsError):
            letters.all(waiting=_waits)
        with pytest.raises(WaitsError):
            letters.redrive_chosen(lambda _letter: True, waiting=_waits)

    assert letters.all(waiting=_waits) == []
    assert letters.redrive_chosen(lambda _letter: True, waiting=_waits) == 0
