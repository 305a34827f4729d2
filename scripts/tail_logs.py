"""Print the log lines of the functions and of the HTTP API, oldest first, as they were written.

Pick lines of one tenant with `| grep acme`, and fields with `| jq -R 'fromjson? | .message'`.
"""

import argparse
import re
import time
from collections.abc import Callable

from e2e.deployment import Deployment
from e2e.stack import Stack
from e2e.wire import LogLine
from scripts.console import run, say

_POLL_SECONDS = 2
# Lines reach CloudWatch Logs late and out of order.
_LOOK_BACK_SECONDS = 30
_LOGS = ("api", "worker", "access")
_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}

Reader = Callable[..., list[LogLine]]


def main() -> None:
    options = _options()
    stack = Stack(Deployment.from_environment())
    readers = {"api": stack.api_log, "worker": stack.worker_log, "access": stack.access_log}
    chosen = [readers[name] for name in options.logs or _LOGS]
    shown = _show(chosen, time.time() - options.since, set())
    while options.follow:
        time.sleep(_POLL_SECONDS)
        shown = _show(chosen, time.time() - _LOOK_BACK_SECONDS, shown)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="scripts/tail_logs.sh",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "logs", nargs="*", type=_log, metavar="api|worker|access", help="which (default: all)"
    )
    parser.add_argument(
        "--since", type=_duration, default="10m", help="how far back: 90s, 10m, 2h, 1d (10m)"
    )
    parser.add_argument("--follow", "-f", action="store_true", help="go on until interrupted")
    return parser.parse_args()


def _log(text: str) -> str:
    if text not in _LOGS:
        raise argparse.ArgumentTypeError(f"{text!r} is no log: name some of {', '.join(_LOGS)}")
    return text


def _duration(text: str) -> int:
    match = re.fullmatch(r"(\d+)([smhd])", text)
    if not match:
        raise argparse.ArgumentTypeError(f"{text!r} is no duration: write 90s, 10m, 2h or 1d")
    return int(match[1]) * _UNITS[match[2]]


def _show(readers: list[Reader], since: float, shown: set[str]) -> set[str]:
    """Print what was not shown yet; the ids of all lines since then."""
    lines = sorted((line for read in readers for line in read(since=since)), key=_stored_at)
    for line in lines:
        if line.event_id not in shown:
            say(line.text)
    return {line.event_id for line in lines}


def _stored_at(line: LogLine) -> float:
    return line.stored_at


if __name__ == "__main__":
    run(main)
