#!/usr/bin/env bash
# Print the log lines of the functions and of the HTTP API, oldest first.
#
# Usage: scripts/tail_logs.sh [api|worker|access ...] [--since 10m] [--follow]
#
# See --help for all options. TARGET=local|aws chooses the stack (default: local).

set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=lib.sh
source "$(dirname "$0")/lib.sh"

helper tail_logs "$@"
