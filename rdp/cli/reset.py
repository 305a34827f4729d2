"""rdp reset: an empty stack, without a new apply."""

from typing import TYPE_CHECKING

from rdp.cli.options import JsonOption, TargetOption, YesOption
from rdp.cli.output import StatusLine, complain, print_json, say
from rdp.cli.session import confirm, open_stack
from rdp.target import Target
from rdp.waiting import DeadlineExceededError, wait_until

if TYPE_CHECKING:
    from rdp.stack import Stack

_IN_FLIGHT_SECONDS = 30


def reset(
    yes: YesOption = False, target: TargetOption = Target.LOCAL, as_json: JsonOption = False
) -> None:
    """Delete all messages and records. Asks first. The stack itself stays.

    The workers get no new messages until the end, and finish those that they already have: no
    record appears after the table is empty.
    """
    stack = open_stack(target)
    waiting, dead = stack.queues.depth(), stack.dead_letters.depth()
    records = stack.records.approximate_count()
    confirm(
        f"Delete about {records:,} records, {waiting:,} messages and {dead:,} dead letters of the"
        f" {target} stack for good?",
        yes=yes,
    )
    with StatusLine() as status, stack.functions.mappings.paused():
        _wait_for_workers(stack, status)
        stack.queues.purge()
        stack.dead_letters.purge()
        deleted = stack.records.delete(
            stack.records.keys(), lambda count: status.show(f"{count:,} records deleted")
        )
        seconds = status.seconds
    if as_json:
        print_json({"records": deleted, "messages": waiting, "dead_letters": dead})
    else:
        say(
            f"Deleted {deleted:,} records, about {waiting:,} messages and {dead:,} dead letters"
            f" ({seconds:.1f} s)"
        )


def _wait_for_workers(stack: "Stack", status: StatusLine) -> None:
    def in_flight() -> int:
        count = stack.queues.counts().in_flight
        status.show(f"{count:,} messages are being processed")
        return count

    try:
        wait_until(
            in_flight,
            lambda count: count == 0,
            deadline=_IN_FLIGHT_SECONDS,
            what="the workers",
        )
    except DeadlineExceededError:
        status.end()
        complain(
            "Some messages take longer to process: their records appear later. Run `rdp reset`"
            " again to delete them"
        )
