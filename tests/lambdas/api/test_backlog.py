import pytest

from api.backlog import Backlog
from api.errors import BacklogError
from tests.lambdas.api.client import ApiClient
from tests.lambdas.aws import LONG_QUEUE_URL, QUEUE_URL, InMemoryQueue
from tests.lambdas.builders import API_SETTINGS
from tests.lambdas.journal import Journal

LOOK = "GetQueueAttributes"
LONG = "a" * (API_SETTINGS.max_short_chars + 1)


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr("api.backlog.time", clock)
    return clock


@pytest.fixture
def backlog(queue: InMemoryQueue, journal: Journal) -> Backlog:
    return Backlog(queue.client, QUEUE_URL, 100, journal.telemetry)


def test_log_is_refused_while_the_workers_cannot_drain_the_queue_in_time(
    api: ApiClient, queue: InMemoryQueue, journal: Journal
) -> None:
    queue.waiting[QUEUE_URL] = API_SETTINGS.short.max_backlog + 1

    answer = api.post_json(tenant_id="acme", text="a")

    answer.assert_refused(429, "more logs than they can process in time")
    assert answer.headers["Retry-After"] == "60"
    assert queue.sent == []
    assert journal.events() == ["refused"]
    assert journal.metrics() == {"Refused": [1]}


def test_backlog_that_the_workers_can_drain_refuses_nothing(
    api: ApiClient, queue: InMemoryQueue
) -> None:
    queue.waiting[QUEUE_URL] = API_SETTINGS.short.max_backlog

    assert api.post_json(tenant_id="acme", text="a").status == 202


def test_each_lane_has_its_backlog(api: ApiClient, queue: InMemoryQueue) -> None:
    queue.waiting[LONG_QUEUE_URL] = API_SETTINGS.long.max_backlog + 1

    assert api.post_json(tenant_id="acme", text=LONG).status == 429
    assert api.post_json(tenant_id="acme", text="a").status == 202


def test_messages_in_flight_count(queue: InMemoryQueue, backlog: Backlog) -> None:
    """They wait for a retry, or are being processed."""
    queue.waiting[QUEUE_URL] = 60
    queue.in_flight = 41

    with pytest.raises(BacklogError):
        backlog.check()


def test_one_look_at_the_queue_serves_many_requests(
    queue: InMemoryQueue, backlog: Backlog, clock: Clock
) -> None:
    for _ in range(100):
        backlog.check()
    assert queue.calls[LOOK] == 1

    queue.waiting[QUEUE_URL] = 101
    clock.now += 4.9
    backlog.check()
    clock.now += 0.2
    with pytest.raises(BacklogError):
        backlog.check()

    queue.waiting[QUEUE_URL] = 0
    clock.now += 5
    backlog.check()
    assert queue.calls[LOOK] == 3


def test_look_that_fails_refuses_nothing(
    queue: InMemoryQueue, backlog: Backlog, clock: Clock, journal: Journal
) -> None:
    queue.waiting[QUEUE_URL] = 101
    queue.refuses(LOOK, "AccessDenied", status=403)

    backlog.check()
    backlog.check()

    assert queue.calls[LOOK] == 1
    reason = journal.line("backlog unknown")["reason"]
    assert reason == "ClientError: AccessDenied from GetQueueAttributes"
    queue.recovers()
    clock.now += 5
    with pytest.raises(BacklogError):
        backlog.check()


def test_health_looks_at_no_queue(api: ApiClient, queue: InMemoryQueue) -> None:
    assert api.call(method="GET", path="/health").status == 200
    assert not queue.calls


def test_bad_request_looks_at_no_queue(api: ApiClient, queue: InMemoryQueue) -> None:
    assert api.post_json(tenant_id="acme").status == 400
    assert not queue.calls
