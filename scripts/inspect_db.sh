#!/usr/bin/env bash
# Show what the table holds: tenants and their numbers of records, or a tenant's records.
#
# Usage: scripts/inspect_db.sh [TENANT [--isolation]]

set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=rdp.sh
source "$(dirname "$0")/rdp.sh"

rdp records list -- "$@"
