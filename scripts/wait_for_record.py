"""Wait for the record of one request, and print it."""

import argparse
import json
import sys
import time
from dataclasses import asdict

from e2e.deployment import Deployment
from e2e.stack import Stack
from e2e.waiting import DeadlineExceededError, wait_until
from e2e.wire import Record
from scripts.console import StatusLine, run, say, whole_number

_QUIET_SECONDS = 3


def main() -> None:
    parser = argparse.ArgumentParser(prog="scripts/send_json.sh --wait", description=__doc__)
    for name in ("tenant_id", "log_id", "request_id"):
        parser.add_argument(name)
    parser.add_argument("seconds", type=whole_number(1))
    options = parser.parse_args()
    stack = Stack(Deployment.from_environment())
    what = f"the record of {options.log_id}"
    status, began = StatusLine(), time.monotonic()

    def stored() -> Record | None:
        if (waited := time.monotonic() - began) >= _QUIET_SECONDS:
            status.show(f"waiting for {what} ({waited:.0f} s)")
        record = stack.record(options.tenant_id, options.log_id)
        return record if record and record.request_id == options.request_id else None

    try:
        record = wait_until(stored, deadline=options.seconds, what=what)
    except DeadlineExceededError:
        sys.exit(
            f"not stored after {options.seconds} s: see `scripts/tail_logs.sh worker` and"
            " `scripts/dlq.sh list`"
        )
    finally:
        status.end()
    say(f"Stored:\n{json.dumps(record and asdict(record), indent=2, ensure_ascii=False)}")


if __name__ == "__main__":
    run(main)
