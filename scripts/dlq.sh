#!/usr/bin/env bash
# Look at the dead-letter queue, and send its messages back once their cause is gone.
#
# Usage: scripts/dlq.sh list      each message, with the reason that the worker logged last
#        scripts/dlq.sh redrive   move all messages back to the queue
#        scripts/dlq.sh purge     delete all messages for good, after a question (--yes: without)
#
# TARGET=local|aws chooses the stack (default: local).

set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=lib.sh
source "$(dirname "$0")/lib.sh"

depth() {
  aws_cli sqs get-queue-attributes --queue-url "$DLQ_URL" \
    --attribute-names ApproximateNumberOfMessages |
    jq -r '.Attributes.ApproximateNumberOfMessages'
}

# One line that is overwritten on a terminal, and a line every ten seconds elsewhere.
progress() {
  local seconds=$1 text=$2
  if [ -t 2 ]; then
    printf '\r\033[K%s (%d s)' "$text" "$seconds" >&2
  elif [ "$seconds" -ge "${NEXT_PROGRESS:-3}" ]; then
    printf '%s (%d s)\n' "$text" "$seconds" >&2
    NEXT_PROGRESS=$((seconds + 10))
  fi
}

end_progress() {
  if [ -t 2 ]; then printf '\r\033[K' >&2; fi
}

redrive() {
  local arn task started=$SECONDS
  arn=$(aws_cli sqs get-queue-attributes --queue-url "$DLQ_URL" --attribute-names QueueArn |
    jq -r .Attributes.QueueArn)
  aws_cli sqs start-message-move-task --source-arn "$arn" >/dev/null ||
    die "the redrive did not start, see above"
  while task=$(last_task "$arn") && jq -e '.Status == "RUNNING"' <<<"$task" >/dev/null; do
    progress $((SECONDS - started)) "$(jq -r "$MOVED" <<<"$task")"
    sleep 1
  done
  end_progress
  jq -r "$MOVED" <<<"$task"
  jq -e '.Status == "COMPLETED"' <<<"$task" >/dev/null ||
    die "the redrive ended as $(jq -r '"\(.Status): \(.FailureReason // "no reason given")"' <<<"$task");" \
      "what was not moved is still in the dead-letter queue: repair the cause and redrive again"
}

# shellcheck disable=SC2016 # jq's
MOVED='"moved \(.ApproximateNumberOfMessagesMoved // 0) of about \(.ApproximateNumberOfMessagesToMove // "?") messages"'

last_task() {
  aws_cli sqs list-message-move-tasks --source-arn "$1" --max-results 1 | jq '.Results[0]'
}

purge() {
  local count answer=${1:-}
  count=$(depth)
  if [ "$answer" != --yes ]; then
    read -rp "Delete about $count messages of $DLQ_URL for good? [y/N] " answer
    [ "$answer" = y ] || die "nothing deleted"
  fi
  aws_cli sqs purge-queue --queue-url "$DLQ_URL"
  printf 'Deleted about %s messages; SQS takes up to 60 s\n' "$count"
}

case ${1:-} in
  list)
    helper dlq_list
    ;;
  redrive)
    connect
    redrive
    ;;
  purge)
    connect
    purge "${2:-}"
    ;;
  -h | --help)
    usage
    ;;
  *)
    die "'${1:-}' is no command: list, redrive or purge, see --help"
    ;;
esac
