#!/usr/bin/env bash
# Send one log as JSON and print the answer.
#
# Usage: scripts/send_json.sh [--tenant T] [--log-id L] [--text X] [--wait]
#
#   --tenant T    tenant_id (default: acme)
#   --log-id L    log_id (default: the API makes one)
#   --text X      the text (default: read from standard input)
#   --wait        wait until the record is stored, and print it
#   --timeout S   seconds that --wait waits (default: 120)
#
# TARGET=local|aws chooses the stack (default: local).

set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=lib.sh
source "$(dirname "$0")/lib.sh"

parse_send_options "$@"
connect
text_to_send |
  jq -Rs --arg tenant_id "$TENANT" ${LOG_ID+--arg log_id "$LOG_ID"} '$ARGS.named + {text: .}' |
  post -H 'Content-Type: application/json' --data-binary @-
