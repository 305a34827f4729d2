#!/usr/bin/env bash
# Send one log as plain text, its tenant in a header, and print the answer.
#
# Usage: scripts/send_text.sh [--tenant T] [--log-id L] [--text X] [--wait]
#
#   --tenant T    header X-Tenant-ID (default: acme)
#   --log-id L    header X-Log-ID (default: the API makes one)
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
  post -H 'Content-Type: text/plain' -H "X-Tenant-ID: $TENANT" \
    ${LOG_ID+-H "X-Log-ID: $LOG_ID"} --data-binary @-
