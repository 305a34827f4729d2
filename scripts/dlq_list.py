"""List the messages of the dead-letter queue, each with the reason that the worker logged last."""

from e2e.deployment import Deployment
from e2e.stack import Stack
from e2e.wire import DeadLetter
from scripts.console import run, say

_NO_REASON = "no line in the worker's log: it died without a word, or the log has expired"


def main() -> None:
    stack = Stack(Deployment.from_environment())
    letters = sorted(stack.dead_letters(), key=lambda letter: letter.sent_at)
    if not letters:
        say("The dead-letter queue is empty")
        return
    reasons = _reasons(stack, letters)
    for letter in letters:
        say(_described(letter, reasons.get(letter.message_id, _NO_REASON)))
    say(f"{len(letters)} messages; once the cause is gone: scripts/dlq.sh redrive")


def _reasons(stack: Stack, letters: list[DeadLetter]) -> dict[object, object]:
    """By message id, the reason of the last failure."""
    oldest = min(letter.sent_at for letter in letters).timestamp()
    lines = [line.fields for line in stack.worker_log(since=oldest, phrase="retry_seconds")]
    return {fields["message_id"]: fields["reason"] for fields in lines if fields}


def _described(letter: DeadLetter, reason: object) -> str:
    """Never the text: it is the tenant's."""
    fields = letter.fields
    if "tenant_id" in fields:
        whose = f"tenant {fields['tenant_id']!r}, log {fields.get('log_id')!r}"
    else:
        whose = f"no tenant: a body of {len(letter.body):,} characters"
    return f"{letter.sent_at:%Y-%m-%d %H:%M:%S}  {letter.message_id}  {whose}\n    {reason}"


if __name__ == "__main__":
    run(main)
