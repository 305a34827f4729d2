"""The sampler of a run: one sample after the other, with a gap while the stack does not answer."""

import pytest

from rdp.chaos import timeline
from rdp.chaos.timeline import Sampler, Timeline
from rdp.waiting import wait_until
from tests.rdp.cloud import DLQ, QUEUE, Cloud


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(timeline, "_EVERY_SECONDS", 0.01)


def test_samples_count_from_the_dead_letters_of_the_start(cloud: Cloud) -> None:
    cloud.sqs.put(DLQ, "old")
    found = Timeline()

    with Sampler(cloud.stack, found):
        cloud.sqs.put(QUEUE, "a", "b")
        cloud.sqs.put(DLQ, "new")
        wait_until(
            lambda: [*found.samples],
            lambda samples: samples and samples[-1][1:] == (2, 0, 1),
            deadline=10,
            what="a sample of the messages",
        )

    assert found.ended >= found.samples[-1].at


def test_outage_is_a_gap(cloud: Cloud) -> None:
    found = Timeline()

    with Sampler(cloud.stack, found):
        cloud.sqs.refuses("GetQueueAttributes", "ServiceUnavailable", status=503)
        before = cloud.sqs.calls["GetQueueAttributes"]
        wait_until(
            lambda: cloud.sqs.calls["GetQueueAttributes"] > before + 2,
            deadline=10,
            what="another look",
        )
        count = len(found.samples)
        cloud.sqs.recovers()
        wait_until(lambda: len(found.samples) > count, deadline=10, what="a sample after the gap")
