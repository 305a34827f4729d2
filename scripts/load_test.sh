#!/usr/bin/env bash
# Send logs of many tenants at a steady rate, then account for every accepted log.
#
# Usage: scripts/load_test.sh [--rate N] [--duration S] [--tenants N] [--text-length N]

set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=rdp.sh
source "$(dirname "$0")/rdp.sh"

rdp load -- "$@"
