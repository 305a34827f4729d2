#!/usr/bin/env bash
# Send one log as JSON and print the answer.
#
# Usage: scripts/send_json.sh [--tenant T] [--log-id L] [--text X] [--wait]

set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=rdp.sh
source "$(dirname "$0")/rdp.sh"

rdp send --format json -- "$@"
