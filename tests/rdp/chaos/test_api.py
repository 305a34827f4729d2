"""The emulator's chaos API: faults that are set are removed, whatever happens."""

import json

import pytest

from rdp.chaos.api import ChaosApi, ChaosApiError
from tests.rdp.listeners import Asked, listening

FAULTS, EFFECTS = "/_localstack/chaos/faults", "/_localstack/chaos/effects"
RULE = {"service": "sqs"}


def _calls(asked: list[Asked]) -> list[tuple[str, str, object]]:
    return [(ask.method, ask.path, json.loads(ask.body or "null")) for ask in asked]


def test_fault_ends_with_its_block_or_its_time() -> None:
    asked: list[Asked] = []
    with listening({FAULTS: []}, asked=asked) as url, ChaosApi(url).fault(RULE, seconds=60):
        assert _calls(asked) == [("PATCH", FAULTS, [{"service": "sqs", "seconds": 60}])]

    assert _calls(asked)[1:] == [("DELETE", FAULTS, [{"service": "sqs", "seconds": 60}])]


def test_fault_is_removed_after_an_error() -> None:
    asked: list[Asked] = []
    with (
        listening({FAULTS: []}, asked=asked) as url,
        pytest.raises(KeyboardInterrupt),
        ChaosApi(url).fault(RULE, seconds=60),
    ):
        raise KeyboardInterrupt

    assert [ask.method for ask in asked] == ["PATCH", "DELETE"]


def test_latency_ends_with_its_block() -> None:
    asked: list[Asked] = []
    with listening({EFFECTS: {}}, asked=asked) as url, ChaosApi(url).latency(300, seconds=60):
        pass

    assert [call[2] for call in _calls(asked)] == [{"latency": 300, "seconds": 60}, {"latency": 0}]


def test_clearing_removes_rules_and_latency() -> None:
    asked: list[Asked] = []
    with listening({FAULTS: [RULE, RULE], EFFECTS: {}}, asked=asked) as url:
        assert ChaosApi(url).clear() == 2

    assert _calls(asked)[1:] == [("POST", FAULTS, []), ("POST", EFFECTS, {"latency": 0})]


def test_refusal_is_an_error_with_its_text() -> None:
    with listening({FAULTS: "no such service"}, status=400) as url:
        api = ChaosApi(url)
        with (
            pytest.raises(ChaosApiError, match="400 no such service"),
            api.fault(RULE, seconds=1),
        ):
            pass
        with pytest.raises(ChaosApiError, match=r"GET .*: 400"):
            api.answers()


def test_localstack_without_a_chaos_api_and_no_localstack() -> None:
    with listening({}) as url:
        assert not ChaosApi(url).answers()
    assert not ChaosApi(url).answers()
    with listening({FAULTS: []}) as url:
        assert ChaosApi(url).answers()
