#!/usr/bin/env bash
# Print the log lines of the functions and of the HTTP API, oldest first.
#
# Usage: scripts/tail_logs.sh [api|worker|access ...] [--since 10m] [--follow]

set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=rdp.sh
source "$(dirname "$0")/rdp.sh"

rdp logs -- "$@"
