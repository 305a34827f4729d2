"""Send logs of many tenants at a steady rate, then account for every one that was accepted."""

import argparse
import math
import sys
import time
import uuid
from datetime import datetime

from locust import constant_throughput
from locust.env import Environment
from locust.stats import StatsEntry

from e2e.deployment import Deployment
from e2e.ledger import Balance, reconcile
from e2e.stack import Stack
from e2e.wire import Record
from scripts.console import StatusLine, run, say, whole_number
from scripts.locustfile import NO_ANSWER, LogClient

_ANSWER_SECONDS = 40
# Low, so that answers of up to two seconds do not slow the load down.
_REQUESTS_PER_CLIENT_AND_SECOND = 0.5
# On a small machine, cold starts all at once take the cores from the requests under way.
_LONGEST_RAMP_SECONDS = 15
_SHOWN = 5


def main() -> None:
    options = _options()
    stack = Stack(Deployment.from_environment())
    run = f"load-{uuid.uuid4().hex[:6]}"
    LogClient.tenants = [f"{run}-{number:02}" for number in range(options.tenants)]
    LogClient.text_length = options.text_length
    say(
        f"{options.rate:,} logs a minute for {options.duration} s, {options.text_length} characters"
        f" each, of the tenants {LogClient.tenants[0]} to {LogClient.tenants[-1]}"
    )
    stats = _send(stack.outputs.api_invoke_url, options.rate / 60, options.duration)
    _report_answers(stats)
    ended = time.time()
    balance = _account(stack, options.patience)
    _report_balance(balance, ended)
    if options.clean:
        for tenant_id in LogClient.tenants:
            stack.delete_records(tenant_id)
    if balance.lost:
        sys.exit(1)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="scripts/load_test.sh", description=__doc__)
    number = whole_number(1)
    parser.add_argument("--rate", type=number, default=1000, help="logs a minute (default: 1000)")
    parser.add_argument("--duration", type=number, default=60, help="seconds (default: 60)")
    parser.add_argument("--tenants", type=number, default=10, help="how many (default: 10)")
    parser.add_argument(
        "--text-length",
        type=number,
        default=50,
        help="characters a log (default: 50; each takes the worker 0.05 s)",
    )
    parser.add_argument(
        "--patience",
        type=number,
        default=180,
        help="seconds without a new record after which the missing are lost (default: 180)",
    )
    parser.add_argument("--clean", action="store_true", help="delete the run's records at the end")
    return parser.parse_args()


# -- the load ----------------------------------------------------------------------------------


def _send(url: str, rate: float, duration: int) -> StatsEntry:
    """`rate` is in logs a second."""
    clients = max(1, math.ceil(rate / _REQUESTS_PER_CLIENT_AND_SECOND))
    LogClient.wait_time = constant_throughput(rate / clients)
    LogClient.longest_start_delay = min(_LONGEST_RAMP_SECONDS, duration / 4)
    environment = Environment(user_classes=[LogClient], host=url, stop_timeout=_ANSWER_SECONDS)
    runner = environment.create_local_runner()
    runner.start(clients, spawn_rate=clients)
    status, started = StatusLine(), time.monotonic()
    try:
        while (elapsed := time.monotonic() - started) < duration:
            status.show(f"{elapsed:3.0f} s: {_tally(environment.stats.total)}")
            time.sleep(min(1, duration - elapsed))
    except KeyboardInterrupt:
        say("\nInterrupted: no more requests")
    runner.quit()
    status.end()
    return environment.stats.total


def _tally(stats: StatsEntry) -> str:
    accepted = LogClient.statuses[202]
    without = LogClient.statuses[NO_ANSWER]
    refused = LogClient.statuses.total() - accepted - without
    return (
        f"{accepted:,} accepted, {refused:,} refused, {without:,} without answer,"
        f" p50 {_milliseconds(stats, 0.5)}, p99 {_milliseconds(stats, 0.99)}"
    )


def _milliseconds(stats: StatsEntry, share: float) -> str:
    return f"{stats.get_response_time_percentile(share):,.0f} ms"


def _report_answers(stats: StatsEntry) -> None:
    say(f"requests    {stats.num_requests:,}, {stats.total_rps:.1f} a second")
    say(f"answers     {_tally(stats)}, max {stats.max_response_time:,.0f} ms")
    for status, count in sorted(LogClient.statuses.items()):
        if status not in (NO_ANSWER, 202):
            say(f"            {count:,} x HTTP {status}")


# -- the account -------------------------------------------------------------------------------


def _account(stack: Stack, patience: int) -> Balance:
    status, started = StatusLine(), time.monotonic()

    def show(stored: int, accepted: int) -> None:
        elapsed = time.monotonic() - started
        status.show(f"{elapsed:3.0f} s: {stored:,} of {accepted:,} accepted logs are records")

    try:
        return reconcile(stack, LogClient.ledger, patience=patience, progress=show)
    finally:
        status.end()


def _report_balance(balance: Balance, ended: float) -> None:
    records = list(balance.records.values())
    say(f"records     {len(records):,}{_timing(records, ended) if records else ''}")
    say(f"attempts    {_attempts(records)}")
    say(f"in the DLQ  {len(balance.dead):,} (reasons: scripts/dlq.sh list)")
    say(f"lost        {len(balance.lost):,}{_some(balance.lost)}")
    say(f"unexpected  {len(balance.unexpected):,}{_some(balance.unexpected)}")


def _timing(records: list[Record], ended: float) -> str:
    seconds = sorted(_seconds(r.processed_at) - _seconds(r.received_at) for r in records)
    last = max(_seconds(record.processed_at) for record in records)
    p50, p99 = (seconds[math.ceil(len(seconds) * share) - 1] for share in (0.5, 0.99))
    return (
        f", the last {max(0, last - ended):.1f} s after the last answer;"
        f" from receipt to record p50 {p50:.1f} s, p99 {p99:.1f} s"
    )


def _attempts(records: list[Record]) -> str:
    again = sum(record.attempt > 1 for record in records)
    return f"{again:,} records took more than one"


def _seconds(timestamp: str) -> float:
    return datetime.fromisoformat(timestamp).timestamp()


def _some(keys: set[tuple[str, str]]) -> str:
    shown = ", ".join(f"{tenant}/{log}" for tenant, log in sorted(keys)[:_SHOWN])
    return f": {shown}{', ...' if len(keys) > _SHOWN else ''}" if keys else ""


if __name__ == "__main__":
    run(main)
