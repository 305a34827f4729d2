#!/usr/bin/env bash
# Send one log as plain text, with the tenant in a header, and print the answer.
#
# Usage: scripts/send_text.sh [--tenant T] [--log-id L] [--text X] [--wait]

set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=rdp.sh
source "$(dirname "$0")/rdp.sh"

rdp send --format text -- "$@"
