"""Logs that take long to process have their own queue, and the others do not wait for them."""

from e2e.answers import assert_accepted
from e2e.tenant import DEADLINE_SECONDS, Tenant
from rdp.stack import LogLine, Part, Stack
from rdp.stack.messages import epoch_seconds
from rdp.waiting import wait_until


def _lane(stack: Stack, since: float, tenant: Tenant, log_id: str) -> object:
    """Of the API's line about the accepted log."""

    def look() -> list[LogLine]:
        lines = stack.logs.of(Part.API, since=since, phrase=tenant.name)
        return [line for line in lines if line.fields and line.fields.get("log_id") == log_id]

    [line] = wait_until(look, deadline=DEADLINE_SECONDS, what=f"the API's line about {log_id}")
    assert line.fields
    return line.fields["lane"]


def test_long_log_takes_its_own_lane_and_is_passed(
    stack: Stack, tenant: Tenant, run_started: float
) -> None:
    longest_short = stack.deployment.outputs.max_short_chars

    assert_accepted(tenant.post_json("x" * (longest_short + 1), log_id="long"))
    assert_accepted(tenant.post_json("x", log_id="short"))

    assert _lane(stack, run_started, tenant, "long") == "long"
    assert _lane(stack, run_started, tenant, "short") == "short"
    long, short = tenant.wait_for_record("long"), tenant.wait_for_record("short")
    assert short.processed_at < long.processed_at
    seconds_per_char = float(stack.functions.worker_environment()["PROCESSING_SECONDS_PER_CHAR"])
    took = epoch_seconds(long.processed_at) - epoch_seconds(long.received_at)
    assert took >= (longest_short + 1) * seconds_per_char
