#!/usr/bin/env bash
# Show what the table holds: how many records each tenant has, or one tenant's records.
#
# Usage: scripts/inspect_db.sh [TENANT [--isolation]]

set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=rdp.sh
source "$(dirname "$0")/rdp.sh"

rdp records list -- "$@"
