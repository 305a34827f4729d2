#!/usr/bin/env bash
# Every write to the table fails.
#
# Usage: scripts/chaos/dynamodb-outage.sh [--logs N] [--seed S] [--keep] [--report FILE]

set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=../lib.sh
source "$(dirname "$0")/../lib.sh"

python_module e2e.chaos dynamodb-outage "$@"
