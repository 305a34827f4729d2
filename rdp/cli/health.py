"""rdp health and rdp status: whether the parts of a stack are healthy, and what they hold."""

from typing import TYPE_CHECKING

from rdp import checkout
from rdp.cli.options import JsonOption, TargetOption
from rdp.cli.output import print_json, say
from rdp.cli.session import CommandError, open_stack
from rdp.target import Target

if TYPE_CHECKING:
    from rdp.stack import Stack


def health(target: TargetOption = Target.LOCAL, as_json: JsonOption = False) -> None:
    """Check every part of the stack: a line each, ok or FAIL.

    The exit status is 0 if all are ok. A message in the DLQ needs a person, so it is not ok.
    """
    from rdp.stack.health import check

    failed = total = 0
    for part in check(open_stack(target)):
        total += 1
        failed += not part.is_ok
        if as_json:
            print_json(part._asdict())
        else:
            style = "green" if part.is_ok else "bold red"
            say(f"{'ok  ' if part.is_ok else 'FAIL'}  {part.part:8}  {part.text}", style=style)
    if failed:
        raise CommandError(f"{failed} of {total} checks failed")


def status(target: TargetOption = Target.LOCAL, as_json: JsonOption = False) -> None:
    """Show what is deployed and where, and how many messages and records there are."""
    found = _status(open_stack(target))
    if as_json:
        print_json(found)
        return
    width = max(map(len, found))
    for name, value in found.items():
        say(f"{name.replace('_', ' '):{width}}  {value}")


def _status(stack: "Stack") -> dict[str, object]:
    counts, long = stack.queues.counts(), stack.queues.long.counts()
    return {
        "target": stack.target,
        "endpoint": stack.deployment.endpoint or f"AWS, {stack.deployment.outputs.region}",
        **({"runtime": checkout.runtime()} if stack.target is Target.LOCAL else {}),
        "api": stack.api.url,
        "waiting": counts.waiting,
        "waiting_long": long.waiting,
        "in_flight": counts.in_flight,
        "delayed": counts.delayed,
        "dead_letters": stack.dead_letters.depth(),
        "records": stack.records.approximate_count(),
        "mappings": ", ".join(stack.functions.mappings.states()) or "missing",
    }
